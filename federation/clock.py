"""The one clock: time is passed in, never read from the side."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time; a simulation passes one that it moves by hand."""

    def now(self) -> datetime:
        """Return the present as an aware datetime in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the present as an aware datetime in UTC."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until somebody moves it."""

    def __init__(self, start: datetime) -> None:
        """Start at an aware moment; a naive one raises ``ValueError``."""
        if start.tzinfo is None:
            raise ValueError("the clock starts at an aware datetime")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment the clock was last moved to."""
        return self._now

    def advance(self, step: timedelta) -> None:
        """Move the clock; a negative step is a clock that jumps back."""
        self._now += step


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Return microseconds since 1970-01-01 UTC, exact."""
    return (moment - _EPOCH) // _MICROSECOND


def from_us(us: int) -> datetime:
    """Return the aware UTC datetime of microseconds since 1970-01-01."""
    return _EPOCH + timedelta(microseconds=us)
