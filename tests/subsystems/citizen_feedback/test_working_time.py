from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city_node.subsystems.citizen_feedback.services import CATEGORY_CODES, SERVICES
from federation.model.period import LOCAL

TIME = SERVICES.working_time


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL.zone)


@pytest.mark.parametrize(
    ("moment", "hours", "due"),
    [
        ("2026-11-02T08:00", 8, "2026-11-03T08:00"),
        ("2026-11-02T07:00", 8, "2026-11-02T17:00"),
        ("2026-11-06T16:00", 2, "2026-11-09T08:00"),  # over a week-end
        ("2026-11-07T10:00", 1, "2026-11-09T08:00"),  # received on a Saturday
        ("2026-11-02T12:00", 1, "2026-11-02T14:30"),  # received at noon
        ("2026-08-31T16:00", 2, "2026-09-03T08:00"),  # over the national day
        ("2026-02-13T16:00", 2, "2026-02-23T08:00"),  # over Tết
    ],
)
def test_hours_count_only_while_the_office_works(moment, hours, due):
    assert TIME.after(at(moment), timedelta(hours=hours)) == at(due)


def test_working_minutes_between_leave_out_the_night():
    assert TIME.minutes_between(at("2026-11-02T16:30"), at("2026-11-03T07:30")) == 60
    assert TIME.minutes_between(at("2026-11-07T08:00"), at("2026-11-08T17:00")) == 0


@given(
    minutes=st.integers(min_value=0, max_value=2_000_000),
    length=st.integers(min_value=1, max_value=20_000),
)
def test_what_is_added_is_what_lies_between(minutes, length):
    begin = at("2025-01-01T00:00") + timedelta(minutes=minutes)
    end = TIME.after(begin, timedelta(minutes=length))
    assert TIME.minutes_between(begin, end) == length


def test_every_category_has_a_time_to_answer_in():
    moment = at("2026-11-02T08:00")
    assert all(SERVICES.due(code, moment) > moment for code in CATEGORY_CODES)
    assert len(set(CATEGORY_CODES)) == len(CATEGORY_CODES)
