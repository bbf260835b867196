"""What the log-in throttle promises."""

from datetime import UTC, datetime, timedelta

import pytest

from federation.access.throttle import LoginThrottle, ThrottleLimits
from federation.clock import ManualClock
from federation.errors import ErrorCode, FederationError

START = datetime(2026, 1, 1, tzinfo=UTC)


def throttle(clock: ManualClock) -> LoginThrottle:
    limits = ThrottleLimits(
        free_failures=2, first_wait_s=10, wait_max_s=30, forget_after_s=100, keys_max=3
    )
    return LoginThrottle(clock=clock, limits=limits)


def test_some_wrong_passwords_cost_nothing() -> None:
    guarded = throttle(ManualClock(START))
    for _ in range(2):
        guarded.failed("user:a")
    guarded.check("user:a")


def test_wait_doubles_up_to_the_limit_and_says_how_long() -> None:
    clock = ManualClock(START)
    guarded = throttle(clock)
    waits = []
    for _ in range(3):
        guarded.failed("user:a")
    for _ in range(3):
        with pytest.raises(FederationError) as caught:
            guarded.check("user:a")
        assert caught.value.code is ErrorCode.TOO_MANY_REQUESTS
        waits.append(caught.value.retry_after_s)
        guarded.failed("user:a")
    assert waits == [11, 21, 31]
    clock.advance(timedelta(seconds=31))
    guarded.check("user:a")


def test_either_key_is_enough_to_wait() -> None:
    guarded = throttle(ManualClock(START))
    for number in range(3):
        guarded.failed(f"user:{number}", "address:x")
    guarded.check("user:new", "address:y")
    with pytest.raises(FederationError):
        guarded.check("user:new", "address:x")


def test_right_password_forgets_the_wrong_ones() -> None:
    guarded = throttle(ManualClock(START))
    for _ in range(3):
        guarded.failed("user:a")
    guarded.succeeded("user:a")
    guarded.check("user:a")


def test_old_failures_do_not_count() -> None:
    clock = ManualClock(START)
    guarded = throttle(clock)
    for _ in range(2):
        guarded.failed("user:a")
    clock.advance(timedelta(seconds=101))
    guarded.failed("user:a")
    guarded.check("user:a")


def test_memory_is_bounded_by_forgetting_the_oldest_key() -> None:
    guarded = throttle(ManualClock(START))
    for _ in range(3):
        guarded.failed("user:first")
    for number in range(3):
        guarded.failed(f"user:{number}")
    guarded.check("user:first")
