"""Numbers and announcements of one epoch."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.model.period import LOCAL, Frequency, last_finished, period_at
from federation.outbox.announced import Announced, Draft, Kind

CLAIMS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from([b"1", b"2"]), st.booleans()),
    max_size=60,
)


@given(CLAIMS)
def test_a_number_never_means_two_things(claims: list[tuple[str, bytes, bool]]) -> None:
    announced, meaning = Announced(), {}
    for key, mark, keep in claims:
        draft = Draft(announced)
        number, new = draft.number(Kind.SERIES, key, mark, renumber=True)
        assert draft.number(Kind.SERIES, key, mark, renumber=True) == (number, False)
        if keep:
            assert meaning.setdefault(number, (key, mark)) == (key, mark) or new
            meaning[number] = (key, mark)
            announced.add(draft.additions)
    assert sorted(meaning) == list(range(1, len(meaning) + 1))


@given(CLAIMS)
def test_a_draft_that_is_not_kept_announces_nothing(
    claims: list[tuple[str, bytes, bool]],
) -> None:
    announced = Announced()
    for key, mark, _ in claims:
        number, new = Draft(announced).number(Kind.SOURCE, key, mark)
        assert (number, new) == (1, True)


@given(
    st.sampled_from(Frequency),
    st.datetimes(
        min_value=datetime(2017, 1, 1),  # noqa: DTZ001
        max_value=datetime(2040, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
)
def test_the_last_finished_period_is_over_and_the_next_is_not(
    frequency: Frequency, now: datetime
) -> None:
    finished = last_finished(frequency, now, LOCAL)
    assert finished.ends_at(LOCAL) <= now
    assert period_at(frequency, now, LOCAL).begins_at(LOCAL) == finished.ends_at(LOCAL)


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [
        (Frequency.HOUR, "2026-03-01T16Z"),
        (Frequency.DAY, "2026-03-01"),
        (Frequency.MONTH, "2026-02"),
        (Frequency.QUARTER, "2025-Q4"),
        (Frequency.YEAR, "2025"),
        (Frequency.SCHOOL_YEAR, "2024-2025"),
    ],
)
def test_days_end_where_the_calendar_says(frequency: Frequency, expected: str) -> None:
    # 17:00 in UTC is midnight in Vietnam.
    now = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)
    assert last_finished(frequency, now, LOCAL).text == expected
