"""Good or bad, fresh or stale."""

from datetime import UTC, datetime

import pytest

from federation.model.indicator import Direction
from federation.model.period import LOCAL, preceding
from federation.model.row import State
from federation.views.judgement import (
    Freshness,
    Judgement,
    freshness,
    judge,
    year_before,
)
from tests.unit.views.world import INVESTMENT, indicator, period

DOWN = indicator("down", direction=Direction.DOWN, target=100_000, watch_limit=120_000)
NO_LIMIT = indicator("no_limit", target=100_000)
NEUTRAL = indicator("neutral", target=1, direction=Direction.NEUTRAL)


@pytest.mark.parametrize(
    ("of", "value", "expected"),
    [
        (INVESTMENT, 1_000_000, Judgement.OK),
        (INVESTMENT, 999_999, Judgement.WATCH),
        (INVESTMENT, 900_000, Judgement.WATCH),
        (INVESTMENT, 899_999, Judgement.BAD),
        (DOWN, 100_000, Judgement.OK),
        (DOWN, 120_000, Judgement.WATCH),
        (DOWN, 120_001, Judgement.BAD),
        (NO_LIMIT, 1, Judgement.WATCH),
        (NEUTRAL, 1, Judgement.UNJUDGED),
        (indicator("free"), 1, Judgement.UNJUDGED),
    ],
)
def test_value_is_judged_against_target_and_limit(
    of: object, value: int, expected: Judgement
) -> None:
    assert judge(of, State(value=value)) is expected  # type: ignore[arg-type]


def test_absent_value_is_not_judged() -> None:
    assert judge(INVESTMENT, None) is Judgement.NONE


def test_series_is_stale_only_after_the_next_deadline() -> None:
    last = period("2024-12")
    # January ends on 31 January 17:00 UTC in Vietnam; due ten days later.
    due = datetime(2025, 2, 10, 17, tzinfo=UTC)
    assert freshness(INVESTMENT, LOCAL, last, due) is Freshness.FRESH
    late = due.replace(minute=1)
    assert freshness(INVESTMENT, LOCAL, last, late) is Freshness.STALE
    assert freshness(INVESTMENT, LOCAL, None, due) is Freshness.SILENT


@pytest.mark.parametrize(
    ("given", "before", "year"),
    [
        ("2025-01", "2024-12", "2024-01"),
        ("2024-02-29", "2024-02-28", "2023-02-28"),
        ("2025-Q1", "2024-Q4", "2024-Q1"),
        ("2025", "2024", "2024"),
        ("2024-2025", "2023-2024", "2023-2024"),
        ("2025-W01", "2024-W52", "2024-W01"),
        ("2025-03-01T00Z", "2025-02-28T23Z", "2024-03-02T00Z"),
    ],
)
def test_neighbours_of_a_period(given: str, before: str, year: str) -> None:
    assert preceding(period(given)).text == before
    assert year_before(period(given)).text == year
