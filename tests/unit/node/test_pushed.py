"""Records that are pushed are checked like those of a file."""

from dataclasses import replace
from typing import Any

import pytest

from city_node.contract import Subsystem
from city_node.intake.pushed import PushedRecord, to_record
from federation.errors import ErrorCode, FederationError
from tests.unit.node.sample import SUBSYSTEM

TYPES = {
    "number": "decimal",
    "count": "integer",
    "note": "text",
    "day": "date",
    "moment": "datetime",
    "ward": "code",
}
TYPED: Subsystem = replace(SUBSYSTEM, record_kinds={"typed": TYPES})
GOOD = {
    "number": "12.50",
    "count": 3,
    "note": "mưa to",
    "day": "2026-11-22",
    "moment": "2026-11-22T08:00:00+07:00",
    "ward": "16681",
}


def pushed(**changes: Any) -> PushedRecord:
    return PushedRecord(
        source="office", source_key="k", kind="typed", fields=GOOD | changes
    )


def test_fields_come_in_as_their_kind_declares_them() -> None:
    assert to_record(TYPED, pushed()).fields == GOOD


@pytest.mark.parametrize(("given", "kept"), [(12.5, "12.5"), (7, "7"), ("-", "-")])
def test_a_number_keeps_its_digits(given: Any, kept: str) -> None:
    assert to_record(TYPED, pushed(number=given)).fields["number"] == kept


def test_an_optional_field_may_be_left_out() -> None:
    kinds = {"typed": TYPES | {"second": "decimal?"}}
    optional = replace(SUBSYSTEM, record_kinds=kinds)
    assert to_record(optional, pushed()).fields == GOOD | {"second": None}
    assert to_record(optional, pushed(second="1.5")).fields["second"] == "1.5"


def test_missing_is_a_value() -> None:
    assert to_record(TYPED, pushed(number=None)).fields["number"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "twelve"),
        ("number", True),
        ("number", "NaN"),
        ("count", 1.5),
        ("count", True),
        ("note", 5),
        ("note", "x" * 1001),
        ("day", "22/11/2026"),
        ("day", None),
        ("moment", "2026-11-22T08:00:00"),
        ("ward", "no such code"),
    ],
)
def test_a_field_of_another_type_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(FederationError) as caught:
        to_record(TYPED, pushed(**{field: value}))
    assert caught.value.code is ErrorCode.INPUT_ROW
    assert field in caught.value.text_en
    assert field in caught.value.text_vi


def test_a_misspelt_field_is_refused() -> None:
    with pytest.raises(FederationError, match="numbr"):
        to_record(TYPED, pushed(numbr=1))


def test_an_absent_field_is_refused() -> None:
    fields = {name: value for name, value in GOOD.items() if name != "day"}
    with pytest.raises(FederationError, match="day"):
        to_record(TYPED, replace(pushed(), fields=fields))


@pytest.mark.parametrize(
    "change",
    [
        {"source": "stranger"},
        {"kind": "unheard"},
        {"provenance": "file"},
        {"source_key": ""},
        {"source_key": "k" * 301},
        {"scope": "s" * 301},
    ],
)
def test_what_the_subsystem_does_not_know_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(FederationError):
        to_record(TYPED, replace(pushed(), **change))
