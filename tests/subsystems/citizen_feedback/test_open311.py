import json
from collections import Counter

import pytest

from city_node.contract import Accepted, InputFile, NotUsed, Rejected, Skipped
from city_node.subsystems.citizen_feedback import SUBSYSTEM
from city_node.subsystems.citizen_feedback.open311 import NO_PLACE, SUPERSEDED
from federation.errors import ErrorCode, FederationError
from federation.model.status import Provenance
from tests.subsystems.citizen_feedback.answers import (
    closed,
    context,
    file_of,
    request,
)
from tests.subsystems.real_files import real_file

(READER,) = SUBSYSTEM.readers


def read(*requests, **how):
    file = file_of(*requests)
    assert READER.recognises(file)
    return [
        item
        for item in READER.read(file, context(**how))
        if not isinstance(item, NotUsed)
    ]


def fields(*requests, **how):
    (item,) = read(*requests, **how)
    assert isinstance(item, Accepted), item
    return item.record.fields


def test_a_request_becomes_where_what_and_when_and_nothing_else():
    (item,) = read(closed("2026-11-04T09:30:00+0700"))
    assert item.record.source_key == "26-00684314"
    assert item.record.provenance is Provenance.FILE
    assert item.record.fields == {
        "locality": "16681@2025-07-01",
        "category": "lighting",
        "received": "2026-11-02T08:00:00+07:00",
        "due": "2026-11-05T08:00:00+07:00",
        "answered": "2026-11-04T09:30:00+07:00",
        "duplicate_of": None,
    }


def test_nothing_that_tells_who_reported_is_kept_in_any_field():
    (item,) = read(request(description="nhà bà B", first_name="B", phone="0912345678"))
    kept = json.dumps(dict(item.record.fields), ensure_ascii=False) + str(item)
    for personal in ("Nguyễn", "0912345678", "Lê Lợi", "18.6763", "bà B", "opened"):
        assert personal not in kept


def test_fields_without_an_indicator_are_named_and_counted():
    file = file_of(request("1"), request("2", weather="rain"))
    passed = {
        item.place.column: (item.count, item.reason)
        for item in READER.read(file, context())
        if isinstance(item, NotUsed)
    }
    assert passed["address"] == (2, "personal")
    assert passed["weather"] == (1, "no-indicator")
    assert "notes" not in passed


def test_offsets_are_kept_apart_from_local_time():
    said = fields(request(requested_datetime="2026-11-01T20:00:00-05:00"))
    assert said["received"] == "2026-11-02T08:00:00+07:00"


def test_the_sources_own_due_time_goes_before_the_table():
    said = fields(request(expected_datetime="2026-11-03T10:00:00+07:00"))
    assert said["due"] == "2026-11-03T10:00:00+07:00"


def test_a_desk_without_notes_closed_a_request_when_it_changed_last():
    said = fields(
        request(status="CLOSED", updated_datetime="2026-11-05T10:00:00+07:00", notes=[])
    )
    assert said["answered"] == "2026-11-05T10:00:00+07:00"


def test_a_duplicate_names_the_case_it_repeats():
    extended = {
        "ward_code": "16681",
        "duplicate": True,
        "parent_service_request_id": "26-1",
    }
    assert fields(request(extended_attributes=extended))["duplicate_of"] == "26-1"
    del extended["parent_service_request_id"]
    assert fields(request(extended_attributes=extended))["duplicate_of"] == "yes"


def test_of_a_request_named_twice_the_last_update_stands():
    later = closed("2026-11-04T09:30:00+07:00")
    for order in ([request(), later], [later, request()]):
        items = read(*order)
        (accepted,) = [item for item in items if isinstance(item, Accepted)]
        (skipped,) = [item for item in items if isinstance(item, Skipped)]
        assert accepted.record.fields["answered"] is not None
        assert skipped.reason == SUPERSEDED


def test_an_unknown_service_is_of_another_category():
    assert fields(request(service_name="Moon dust"))["category"] == "other"
    assert fields(request(service_name="Ổ gà trên đường"))["category"] == "roads"


def test_a_place_of_somebody_else_is_passed_over_with_the_reason():
    (elsewhere,) = read(request(extended_attributes={"ward_code": "17443"}))
    (nowhere,) = read(request(extended_attributes={"ward": "21"}))
    assert isinstance(elsewhere, Skipped)
    assert nowhere.reason == NO_PLACE
    assert "--simulated" in nowhere.text_vi
    assert "--simulated" in nowhere.text_en


def test_only_as_simulated_a_desk_elsewhere_stands_for_a_place_of_ours():
    (item,) = read(
        request(extended_attributes={"ward": "21"}), simulated=True, stand_in="vinh"
    )
    assert item.record.provenance is Provenance.SIMULATED
    assert item.record.source == "simulated_citizen_feedback"
    assert item.record.fields["locality"] == "vinh"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"requested_datetime": "2026-11-02T08:00:00"}, "requested_datetime"),
        ({"requested_datetime": None}, "requested_datetime"),
        ({"updated_datetime": "hôm qua"}, "updated_datetime"),
        ({"status": "maybe"}, "status"),
        ({"service_request_id": None}, "service_request_id"),
        ({"extended_attributes": {"ward_code": "99999"}}, ""),
        (closed("2026-11-01T09:30:00+07:00"), "answered"),
    ],
)
def test_a_wrong_request_is_refused_with_its_field_and_its_neighbour_lands(
    wrong, field
):
    items = read(request("1") | wrong, request("2"))
    (refused,) = [item for item in items if isinstance(item, Rejected)]
    (landed,) = [item for item in items if isinstance(item, Accepted)]
    assert refused.place.row == 1
    assert refused.place.column == field
    assert field in refused.text_vi
    assert field in refused.text_en
    assert landed.record.source_key == "2"


@pytest.mark.parametrize(
    "wrap",
    [
        lambda requests: {"service_requests": requests},
        lambda requests: {"service_requests": {"request": requests}},
        lambda requests: requests,
    ],
)
def test_an_answer_may_be_wrapped(wrap):
    content = b"\xef\xbb\xbf" + json.dumps(wrap([request("1"), request("2")])).encode()
    file = InputFile(name="r.json", content=content)
    assert READER.recognises(file)
    read = [each for each in READER.read(file, context()) if isinstance(each, Accepted)]
    assert len(read) == 2


@pytest.mark.parametrize(
    "content",
    [
        b'[{"service_request_id": "1", "status"',
        b'[{"code": 404, "description": "service_request not found"}]',
        b'{"service_requests": 5}',
        b"[" * 100_000 + b'"service_request"',
    ],
)
def test_what_is_no_answer_is_called_unreadable(content):
    file = InputFile(name="r.json", content=content)
    assert READER.recognises(file)
    with pytest.raises(FederationError) as caught:
        list(READER.read(file, context()))
    assert caught.value.code is ErrorCode.INPUT_UNREADABLE
    assert "r.json" in caught.value.text_vi


def test_the_real_form_is_read_whole():
    file = real_file("open311/open311_chicago_requests.json")
    without = list(READER.read(file, context()))
    assert {item.reason for item in without if isinstance(item, Skipped)} == {NO_PLACE}
    assert not any(isinstance(item, Accepted | Rejected) for item in without)
    items = list(READER.read(file, context(simulated=True, stand_in="vinh")))
    records = [item.record for item in items if isinstance(item, Accepted)]
    assert len(records) == 50
    assert not any(isinstance(item, Rejected) for item in items)
    assert sum(record.fields["answered"] is None for record in records) == 1
    assert sum(record.fields["duplicate_of"] is not None for record in records) == 1
    categories = Counter(record.fields["category"] for record in records)
    assert categories == {
        "construction": 35,
        "roads": 11,
        "signals": 2,
        "lighting": 1,
        "vehicles": 1,
    }
