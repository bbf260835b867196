"""What a warehouse still knows of the past, and how finely.

Every version of a value is kept for a while; then the last one of each hour, then the
last one of each day. So a moment long ago is answered as of the end of its hour or day
before it, and the answer says so: never a mixture in which a total and its parts come
from different moments. Hours and days are those of the local calendar and hold their
end, not their beginning: what became known at 10:00 sharp belongs to the hour until
then.

Pure; ``Warehouse.history`` reads it and ``federation.warehouse.thinning`` moves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from federation.errors import ErrorCode, FederationError
from federation.model.period import LOCAL

EVERY_VERSION_FOR = timedelta(hours=48)
"""So long every version is kept, at the least."""

EVERY_HOUR_FOR = timedelta(days=35)
"""So long the last version of each hour is kept, unless a tier sets more."""

_INSTANT = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)


class Resolution(StrEnum):
    """How finely the past is known at a moment."""

    EXACT = "exact"
    HOUR = "hour"
    DAY = "day"


THINNED = (Resolution.HOUR, Resolution.DAY)
"""What history is thinned to, in the order in which it happens."""


def end_at_or_before(moment: datetime, resolution: Resolution) -> datetime:
    """Return the last end of an hour or day that is not after a moment."""
    match resolution:
        case Resolution.EXACT:
            return moment
        case Resolution.HOUR:
            return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        case Resolution.DAY:
            day = moment.astimezone(LOCAL.zone)
            midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
            return midnight.astimezone(UTC)


def end_holding(moment: datetime, resolution: Resolution) -> datetime:
    """Return the end of the hour or day that a version known at a moment falls in."""
    if resolution is Resolution.EXACT:
        return moment
    begin = end_at_or_before(moment - _INSTANT, resolution)
    if resolution is Resolution.HOUR:
        return begin + _HOUR
    next_day = begin.astimezone(LOCAL.zone) + timedelta(days=1)
    return next_day.astimezone(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class LostTime:
    """A time whose versions a restore from a backup forgot: after ``first``."""

    first: datetime
    last: datetime
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """What is still known of the past.

    Moments up to ``daily_until`` are known at ends of days, later ones up to
    ``hourly_until`` at ends of hours, the rest exactly; None: nothing was thinned.
    ``begins_at`` is the oldest version there is, None in an empty warehouse.
    """

    begins_at: datetime | None = None
    hourly_until: datetime | None = None
    daily_until: datetime | None = None
    lost: Sequence[LostTime] = ()

    def resolution_at(self, moment: datetime) -> Resolution:
        """Return how finely a moment is known."""
        if self.daily_until is not None and moment <= self.daily_until:
            return Resolution.DAY
        if self.hourly_until is not None and moment <= self.hourly_until:
            return Resolution.HOUR
        return Resolution.EXACT

    def known_since(self, moment: datetime) -> datetime | None:
        """Return from when on the past is known, if a moment lies before that.

        None where the moment is known. In a lost time what stands is what the backup
        held, and of the time before the first version nothing is known.
        """
        ends = [time.last for time in self.lost if time.first < moment < time.last]
        if ends:
            return max(ends)
        if self.begins_at is not None and moment < self.begins_at:
            return self.begins_at
        return None

    def as_of(self, asked: datetime) -> "AsOf":
        """Return how a moment is answered."""
        resolution = self.resolution_at(asked)
        moment = end_at_or_before(asked, resolution)
        return AsOf(
            asked=asked,
            moment=moment,
            resolution=resolution,
            known_since=self.known_since(asked) or self.known_since(moment),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class AsOf:
    """How a moment of the past is answered.

    ``moment`` is what the answer is of: the one asked for, or the end of an hour or
    day before it. ``known_since`` is set where the moment lies before or in a time of
    which nothing, or not everything, is known any more.
    """

    asked: datetime
    moment: datetime
    resolution: Resolution
    known_since: datetime | None = None


def not_in_the_future(asked: datetime, now: datetime) -> None:
    """Refuse to say what will be known.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` for a moment after ``now``.
    """
    if asked > now:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"Thời điểm as_of {asked.isoformat()} chưa đến; bây giờ là "
            f"{now.isoformat()}. Hãy bỏ as_of để xem số liệu hiện tại.",
            f"The moment as_of {asked.isoformat()} has not come; it is "
            f"{now.isoformat()}. Leave as_of out to read what is known now.",
            {"pointer": "/query/as_of"},
        )
