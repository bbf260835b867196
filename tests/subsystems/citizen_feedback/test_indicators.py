from datetime import datetime, timedelta

import pytest

from city_node.subsystems.citizen_feedback import SUBSYSTEM
from city_node.subsystems.citizen_feedback.records import (
    QuietDay,
    Report,
    quiet_record,
    report_record,
)
from city_node.subsystems.citizen_feedback.services import COUNTED_CODES
from federation.algebra import histogram, top
from federation.errors import ErrorCode, FederationError
from federation.model.period import LOCAL
from federation.model.row import SIMULATED_FEED, State
from federation.model.status import Provenance, Status

WARD = "16681@2025-07-01"


def record(provenance=Provenance.FILE, **said):
    fields = {
        "locality": WARD,
        "category": "lighting",
        "received": "2026-11-02T08:00:00+07:00",
        "due": "2026-11-05T08:00:00+07:00",
        "answered": None,
        "duplicate_of": None,
    }
    report = Report(**(fields | said))
    return report_record(report, "1", source="open311", provenance=provenance)


def observed(name, given):
    (measured,) = [
        each
        for each in SUBSYSTEM.indicators
        if each.indicator.id == f"citizen_feedback.{name}"
    ]
    return list(measured.contribute(given)) if given.kind in measured.kinds else []


def one(name, given):
    (only,) = observed(name, given)
    return only


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL.zone)


def test_a_report_counts_on_the_local_day_it_came():
    night = record(received="2026-11-01T18:30:00+00:00")
    assert one("received", night).period.text == "2026-11-02"
    assert one("received", night).state == State(value=1)


@pytest.mark.parametrize(
    ("answered", "kept"),
    [
        (None, 0),
        ("2026-11-05T08:00:00+07:00", 1),
        ("2026-11-05T08:00:01+07:00", 0),
    ],
)
def test_on_time_is_judged_of_what_is_due_on_the_day_it_is(answered, kept):
    made = one("answered_on_time", record(answered=answered))
    assert made.state == State(value=kept, second=1)
    assert made.period.text == "2026-11-05"
    assert made.phenomenon_time == at("2026-11-05T08:00")


def test_a_report_is_overdue_from_due_until_it_is_answered():
    late = one("overdue_open", record(answered="2026-11-09T10:00:00+07:00"))
    assert late.phenomenon_end - late.phenomenon_time == timedelta(days=4, hours=2)
    assert one("overdue_open", record()).phenomenon_end is None
    early = one("overdue_open", record(answered="2026-11-03T10:00:00+07:00"))
    assert early.phenomenon_end == early.phenomenon_time


def test_time_to_resolve_is_in_working_hours_of_the_month_of_the_answer():
    made = one(
        "time_to_resolve",
        record(received="2026-10-30T16:00:00+07:00", answered="2026-11-02T08:30+07:00"),
    )
    assert made.state == histogram.of_values([250])  # 2.50 hours
    assert made.period.text == "2026-11"
    assert observed("time_to_resolve", record()) == []


def test_a_duplicate_is_received_and_is_no_case():
    duplicate = record(duplicate_of="26-1", answered="2026-11-03T10:00:00+07:00")
    assert one("received", duplicate).state == State(value=1)
    assert len(observed("by_category", duplicate)) == 1
    for name in ("answered_on_time", "overdue_open", "time_to_resolve"):
        assert observed(name, duplicate) == []


def test_categories_are_counted_and_the_rest_is_other():
    lighting = one("by_category", record()).state
    other = one("by_category", record(category="other")).state
    both = top.merge([lighting, other], "x")
    counted = dict(top.read(State(value=0, detail=both.detail), COUNTED_CODES))
    assert {code: count for code, count in counted.items() if count} == {
        "lighting": 1,
        "other": 1,
    }


def test_a_quiet_day_is_no_activity_and_not_missing():
    quiet = quiet_record(
        QuietDay(locality=WARD, day="2026-11-08"),
        source="open311",
        provenance=Provenance.FILE,
    )
    made = one("received", quiet)
    assert (made.state, made.status) == (State(value=0), Status.NO_ACTIVITY)
    assert one("by_category", quiet).state == top.of_codes([], COUNTED_CODES)
    assert observed("overdue_open", quiet) == []


def test_what_is_simulated_stands_on_series_of_its_own():
    given = record(Provenance.SIMULATED, answered="2026-11-03T10:00:00+07:00")
    made = [
        each for measured in SUBSYSTEM.indicators for each in measured.contribute(given)
    ]
    assert {each.breakdown for each in made} == {SIMULATED_FEED}


def test_a_pushed_report_that_can_not_be_is_refused():
    for wrong in ({"category": "moon"}, {"answered": "2026-11-01T10:00:00+07:00"}):
        with pytest.raises(FederationError) as caught:
            observed("received", record(**wrong))
        assert caught.value.code is ErrorCode.INPUT_ROW
