"""Slower and slower after wrong passwords.

Failures are counted for each user and for each address, in this process only: a
restart forgives, the audit trail remembers.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from federation.clock import Clock
from federation.errors import ErrorCode, FederationError


@dataclass(frozen=True, kw_only=True)
class ThrottleLimits:
    """When waiting begins and how long it grows."""

    free_failures: int = 5
    """So many wrong passwords cost nothing; each one more doubles the wait."""
    first_wait_s: float = 2.0
    wait_max_s: float = 300.0
    """The wait stops growing here, so that nobody can lock a user out for good."""
    forget_after_s: float = 3600.0
    keys_max: int = 10_000
    """At the limit the key that failed longest ago is forgotten."""


@dataclass(kw_only=True)
class _Failures:
    count: int
    last_at: datetime
    blocked_until: datetime


class LoginThrottle:
    """Counts wrong passwords by key and tells how long a key must wait."""

    def __init__(self, *, clock: Clock, limits: ThrottleLimits | None = None) -> None:
        """Begin with nothing counted."""
        self._clock = clock
        self._limits = limits or ThrottleLimits()
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def check(self, *keys: str) -> None:
        """Return when none of the keys must wait.

        Raises:
            FederationError: ``TOO_MANY_REQUESTS`` with the seconds to wait.
        """
        now = self._clock.now()
        waits = [
            (found.blocked_until - now).total_seconds()
            for key in keys
            if (found := self._failures.get(key)) is not None
        ]
        wait_s = max(waits, default=0.0)
        if wait_s > 0:
            seconds = int(wait_s) + 1
            raise FederationError(
                ErrorCode.TOO_MANY_REQUESTS,
                f"Đăng nhập sai quá nhiều lần. Hãy thử lại sau {seconds} giây.",
                f"Too many wrong passwords. Try again in {seconds} seconds.",
                retry_after_s=float(seconds),
            )

    def failed(self, *keys: str) -> None:
        """Count a wrong password for each of the keys."""
        now = self._clock.now()
        forgotten = now - timedelta(seconds=self._limits.forget_after_s)
        for key in keys:
            found = self._failures.pop(key, None)
            before = 0 if found is None or found.last_at < forgotten else found.count
            self._failures[key] = _Failures(
                count=before + 1,
                last_at=now,
                blocked_until=now + self._wait_after(before + 1),
            )
        while len(self._failures) > self._limits.keys_max:
            self._failures.popitem(last=False)

    def succeeded(self, *keys: str) -> None:
        """Forget the failures of the keys."""
        for key in keys:
            self._failures.pop(key, None)

    def _wait_after(self, count: int) -> timedelta:
        limits = self._limits
        over = count - limits.free_failures
        if over <= 0:
            return timedelta(0)
        # The exponent is bounded first: 2**n of a patient attacker grows without end.
        doubled = limits.first_wait_s * 2.0 ** min(over - 1, 30)
        return timedelta(seconds=min(doubled, limits.wait_max_s))
