"""Which places a total stands on, who is missing, and why."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from federation.coverage.absence import Reason, coverage_of, known_places
from federation.coverage.cover import SILENT, cover, statements
from federation.coverage.expected import Expected
from federation.coverage.windows import last_day
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Basis, Text
from federation.model.locality import Locality, Member
from federation.model.period import Calendar, Frequency, Window, period_of_day
from federation.model.row import Row, SeriesKey, State, Version, base_row
from federation.model.status import Counts, Provenance, Status
from federation.warehouse.store import Route, Stored, StoredSeries
from federation.wire.payload import Obligation
from tests.indicators import an_indicator

NOW = datetime(2026, 5, 22, tzinfo=UTC)
DAY = date(2026, 5, 31)
MAY = period_of_day(Frequency.MONTH, date(2026, 5, 1))
TEXT = Text(vi="x", en="x")
FOUND = an_indicator("a.b", deadline_hours=1)


def place(name: str, level: str, parent: str = "", *members: str) -> Locality:
    return Locality(
        id=name,
        code=name,
        name_vi=name,
        name_en=name,
        level=level,
        parent=parent,
        members=tuple(Member(locality=member) for member in members),
    )


GRAPH = LocalityGraph(
    [
        place("40", "province", "VN"),
        *(place(name, "commune", "40") for name in "abcdef"),
        place("vinh", "area", "40", "a", "b", "c"),
        place("overlap", "area", "40", "c", "d"),
    ]
)


def stored(locality: str, value: int | None = 1, **changes: Any) -> Stored:
    hash_ = changes.pop("contract_hash", FOUND.contract_hash)
    key = SeriesKey(indicator=FOUND.id, locality=locality)
    row = base_row(
        series=replace(key, **changes),
        period=MAY,
        state=None if value is None else State(value=value),
        status=Status.MISSING if value is None else Status.NORMAL,
        provenance=Provenance.FILE,
        recorded_at_us=1,
    )
    carrier = Version(stream="s", epoch=1, sequence=1)
    return Stored(row=row, contract_hash=hash_, carrier=carrier, known_at=NOW)


def rollup(locality: str, expected: int, reported: int) -> Stored:
    one = stored(locality, reported, basis=Basis.ROLLED_UP)
    counts = sum(
        [Counts.one(Status.NORMAL, Provenance.FILE)] * (reported - 1),
        Counts.one(Status.NORMAL, Provenance.FILE),
    )
    row: Row = replace(one.row, expected=expected, reported=reported, counts=counts)
    return replace(one, row=row)


EVERYBODY = frozenset("abcdef")


def covered(
    *values: Stored,
    of: str = "40",
    owing: frozenset[str] = EVERYBODY,
    by_hand: bool = False,
) -> dict[str, tuple[int, int]]:
    said = statements(FOUND, values, "")
    expected = Expected(localities=owing, by_hand=by_hand)
    parts = cover(GRAPH, FOUND, said, of, DAY, expected)
    silent = {unit: (0, 1) for part in parts if part.row is None for unit in part.units}
    spoken = [part for part in parts if part.locality != SILENT]
    return silent | {one.locality: (one.reported, one.expected) for one in spoken}


def test_every_commune_that_owes_counts_whether_it_reported_or_not() -> None:
    found = covered(stored("a"), stored("b", None))
    assert found == {"a": (1, 1)} | dict.fromkeys("bcdef", (0, 1))


def test_who_reported_without_owing_is_in_no_n() -> None:
    found = covered(stored("a"), stored("b"), owing=frozenset("ac"))
    assert found == {"a": (1, 1), "b": (0, 0), "c": (0, 1)}


def test_where_nobody_owed_n_is_unknown() -> None:
    found = covered(stored("a"), rollup("vinh", 0, 0), owing=frozenset())
    assert set(found.values()) == {(0, 0)}


def test_a_child_that_knows_nobody_who_owed_is_counted_by_our_knowledge() -> None:
    values = (rollup("vinh", 0, 0), stored("a"), stored("d"))
    found = covered(*values, owing=frozenset("abd"))
    assert found == {"vinh": (1, 2), "d": (1, 1)}


def test_who_was_expected_by_name_goes_before_what_a_child_counts() -> None:
    values = (rollup("vinh", 3, 2), stored("a"), stored("b"))
    without = {"owing": EVERYBODY - {"a"}, "by_hand": True}
    assert covered(*values, **without)["vinh"] == (1, 2)  # type: ignore[arg-type]
    # The child tells how many reported and not who: as many as can be of the others.
    untold = covered(rollup("vinh", 3, 2), **without)  # type: ignore[arg-type]
    assert untold["vinh"] == (2, 2)
    assert covered(rollup("vinh", 3, 3), **without)["vinh"] == (2, 2)  # type: ignore[arg-type]


def test_an_area_that_spoke_stands_for_its_wards() -> None:
    found = covered(stored("a"), stored("d"), rollup("vinh", 3, 2))
    assert found == {"vinh": (2, 3), "d": (1, 1), "e": (0, 1), "f": (0, 1)}


def test_nothing_is_covered_twice() -> None:
    found = covered(rollup("vinh", 3, 3), rollup("overlap", 2, 2))
    assert found == {"vinh": (3, 3)} | dict.fromkeys("def", (0, 1))


def test_the_largest_that_spoke_covers_those_inside() -> None:
    assert covered(rollup("40", 6, 5), rollup("vinh", 3, 3), of="VN") == {"40": (5, 6)}


def test_a_place_never_stands_for_itself() -> None:
    assert set(covered(rollup("40", 6, 5))) == set("abcdef")


def test_a_place_of_another_time_is_in_no_cover() -> None:
    assert "zz" not in covered(stored("zz"))
    district = replace(FOUND, level="district")
    assert cover(GRAPH, district, {}, "40", DAY, Expected(localities=EVERYBODY)) == []


def test_a_calendar_tells_the_last_day() -> None:
    window = Window(
        frequency=Frequency.MONTH,
        start=MAY.start,
        first_day=date(2026, 4, 15),
        end_day=date(2026, 5, 15),
    )
    police = Calendar(
        id="police", name_vi="x", name_en="x", time_zone="UTC", windows=(window,)
    )
    assert last_day(MAY, police) == date(2026, 5, 14)
    assert last_day(MAY, None) == DAY


def absence(*values: Stored, of: str = "40", **known: Any) -> Any:
    said = statements(FOUND, values, "")
    parts = cover(GRAPH, FOUND, said, of, DAY, Expected(localities=EVERYBODY))
    named = {"series": (), "obligations": (), "withheld": {}} | known
    return coverage_of(FOUND, parts, values, known_places(FOUND, **named))


def test_who_is_missing_and_why() -> None:
    before = StoredSeries(
        key=SeriesKey(indicator=FOUND.id, locality="c"),
        contract_hash=FOUND.contract_hash,
        frequency=Frequency.MONTH,
        route=Route(),
    )
    owed = Obligation(indicator=FOUND.id, locality="d", agency="", from_day=0)
    found = absence(
        stored("a"),
        stored("b", None),
        stored("e", contract_hash=b"other"),
        series=[before],
        obligations=[owed],
        withheld={SeriesKey(indicator=FOUND.id, locality="f"): "Luật 91/2025"},
    )
    assert {one.locality: one.reason for one in found.absent} == {
        "b": Reason.REPORTED_MISSING,
        "c": Reason.SILENT,
        "d": Reason.SILENT,
        "e": Reason.CONTRACT_DIFFERS,
        "f": Reason.WITHHELD,
    }
    assert (found.reported, found.expected, found.missing_count) == (1, 6, 5)
    assert found.unnamed == 0


def test_a_place_nothing_is_known_of_is_not_connected() -> None:
    found = absence(stored("a"))
    assert {one.reason for one in found.absent} == {Reason.NOT_CONNECTED}


def test_missing_inside_a_rollup_is_named_when_the_parts_show_it() -> None:
    shown = absence(stored("a"), stored("b"), rollup("vinh", 3, 2), of="40")
    assert [one.locality for one in shown.absent] == ["c", "d", "e", "f"]
    hidden = absence(rollup("vinh", 3, 2), of="40")
    assert [one.locality for one in hidden.absent] == ["d", "e", "f"]
    assert (hidden.unnamed, hidden.missing_count) == (1, 4)
