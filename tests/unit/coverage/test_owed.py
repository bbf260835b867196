"""Who owes what, when it is due, and who keeps silent since when."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from federation.coverage.deadlines import Timeliness, timeliness
from federation.coverage.owed import (
    OwedRule,
    Realm,
    obligations_of,
    read_rules,
    with_defaults,
)
from federation.coverage.silence import Silence, Standing, last_said, silence_of
from federation.errors import FederationError
from federation.localities.graph import LocalityGraph
from federation.model.locality import Locality, Member
from federation.model.period import (
    LOCAL,
    Calendar,
    Frequency,
    Window,
    day_number,
    parse_period,
)
from federation.model.row import SIMULATED_FEED, Row, SeriesKey, State, base_row
from federation.model.status import Provenance, Status
from federation.wire.payload import Obligation
from tests.indicators import an_indicator

FOUND = an_indicator(
    "environment.violations_found",
    owner_agency="H41.SNNMT",
    deadline_hours=48,
    grace_hours=24,
    valid_from=date(2020, 1, 1),
)
BEDS = an_indicator("health.beds", level="province", owner_agency="H41.SYT")
CONTRACTS = {one.id: one for one in (FOUND, BEDS)}
REFORM = date(2025, 7, 1)


def place(id_: str, level: str, parent: str = "", **changes: Any) -> Locality:
    return Locality(
        id=id_,
        code=id_.partition("@")[0],
        name_vi=id_,
        name_en=id_,
        level=level,
        parent=parent,
        **changes,
    )


GRAPH = LocalityGraph(
    [
        place("40", "province", "VN"),
        place("old", "commune", "40", valid_to=REFORM - timedelta(days=1)),
        *(
            place(f"{n}@2025-07-01", "commune", "40", valid_from=REFORM)
            for n in ("1", "2", "3")
        ),
        place(
            "vinh",
            "area",
            "40",
            members=(
                Member(locality="1@2025-07-01"),
                Member(locality="2@2025-07-01", valid_to=date(2026, 1, 31)),
            ),
        ),
    ]
)
VINH = Realm(localities=("vinh",), parts=True)


def said(owed: list[Obligation]) -> list[tuple[str, str, int, int | None]]:
    return [(o.locality, o.agency, o.from_day, o.to_day) for o in owed]


def test_by_default_the_owner_owes_each_place_for_as_long_as_it_stands() -> None:
    rules = with_defaults([FOUND], ())
    realm = Realm(localities=("40",), parts=True)
    assert said(obligations_of(rules, CONTRACTS, GRAPH, realm)) == [
        (f"{n}@2025-07-01", "H41.SNNMT", day_number(REFORM), None) for n in "123"
    ] + [("old", "H41.SNNMT", day_number(FOUND.valid_from), day_number(REFORM) - 1)]


def test_a_place_that_leaves_an_area_is_owed_by_it_until_then() -> None:
    found = said(obligations_of(with_defaults([FOUND], ()), CONTRACTS, GRAPH, VINH))
    begin = day_number(REFORM)
    assert found == [
        ("1@2025-07-01", "H41.SNNMT", begin, None),
        ("2@2025-07-01", "H41.SNNMT", begin, day_number(date(2026, 1, 31))),
    ]


def test_an_area_without_its_parts_owes_for_itself_only() -> None:
    realm = Realm(localities=("40",), parts=False)
    found = obligations_of(
        with_defaults(CONTRACTS.values(), ()), CONTRACTS, GRAPH, realm
    )
    assert [(one.indicator, one.locality) for one in found] == [("health.beds", "40")]


def test_a_publisher_that_stopped_owes_until_then() -> None:
    tables = OwedRule(
        indicators=("health.beds",), first=date(1995, 1, 1), last=date(2016, 12, 31)
    )
    realm = Realm(localities=("40",), parts=False)
    [owed] = obligations_of(with_defaults([BEDS], [tables]), CONTRACTS, GRAPH, realm)
    assert (owed.from_day, owed.to_day) == (
        day_number(date(1995, 1, 1)),
        day_number(date(2016, 12, 31)),
    )


def test_an_operator_s_rule_goes_before_the_subsystem_s() -> None:
    declared = [OwedRule(indicators=("health.beds",), agency="H41.A")]
    operator = read_rules(
        b'[[owed]]\nindicator = "health.beds"\nagency = "H41.B"\nfrom = 2026-01-01\n',
        name="owed.toml",
    )
    realm = Realm(localities=("40",), parts=False)
    rules = with_defaults([BEDS], declared, operator)
    [owed] = obligations_of(rules, CONTRACTS, GRAPH, realm)
    assert (owed.agency, owed.from_day) == ("H41.B", day_number(date(2026, 1, 1)))
    nobody = read_rules(
        b'[[owed]]\nindicator = ["health.beds"]\nnobody = true\n', name="owed.toml"
    )
    assert with_defaults([BEDS], declared, nobody) == []


def test_a_tier_expects_of_anybody_what_it_knows_only_by_name() -> None:
    rules = read_rules(
        b'[[owed]]\nindicator = "x.y"\nlevel = "commune"\nwithin = "vinh"\n', name="o"
    )
    realm = Realm(localities=("VN",), parts=True)
    found = obligations_of(rules, {}, GRAPH, realm, owner_owes=False)
    assert [(one.locality, one.agency) for one in found] == [
        ("1@2025-07-01", ""),
        ("2@2025-07-01", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[[owed]]\n",
        '[[owed]]\nindicator = "a"\nlevel = "village"\n',
        '[[owed]]\nindicator = "a"\nwho = "b"\n',
        '[[owed]]\nindicator = "a"\nfrom = 2026-01-01\nto = 2025-01-01\n',
        '[[owed]]\nindicator = "a"\nfrom = "x"\n',
        '[[owed]]\nindicator = "a"\nto = 2026-01-01T00:00:00\n',
        '[[owed]]\nindicator = "a"\nagency = 5\n',
    ],
)
def test_a_wrong_rule_is_named_with_its_file(text: str) -> None:
    with pytest.raises(FederationError, match=r"owed\.toml"):
        read_rules(text.encode(), name="owed.toml")


def test_a_rule_for_a_place_nobody_knows_is_refused() -> None:
    rules = [OwedRule(indicators=("health.beds",), within=("nowhere",))]
    with pytest.raises(FederationError, match="nowhere"):
        obligations_of(rules, CONTRACTS, GRAPH, VINH)
    with pytest.raises(FederationError, match="level"):
        obligations_of([OwedRule(indicators=("a.b",))], CONTRACTS, GRAPH, VINH)


MAY = parse_period("2026-05")
ENDS = MAY.ends_at(LOCAL)


@pytest.mark.parametrize(
    ("known", "now", "expected"),
    [
        (48, 400, Timeliness.ON_TIME),
        (72, 400, Timeliness.ON_TIME),
        (73, 400, Timeliness.LATE),
        (None, 48, Timeliness.NOT_YET_DUE),
        (None, 49, Timeliness.WITHIN_GRACE),
        (None, 73, Timeliness.OVERDUE),
    ],
)
def test_a_report_is_late_after_deadline_and_grace(
    known: int | None, now: int, expected: Timeliness
) -> None:
    assert (
        timeliness(
            FOUND,
            MAY,
            LOCAL,
            first_known_at=None if known is None else ENDS + timedelta(hours=known),
            now=ENDS + timedelta(hours=now),
        )
        is expected
    )


OWED = Obligation(
    indicator=FOUND.id,
    locality="1@2025-07-01",
    agency="H41.SNNMT",
    from_day=day_number(date(2026, 2, 1)),
)


@pytest.mark.parametrize(
    ("last", "hours", "standing", "since"),
    [
        ("2026-04", -1, Standing.FRESH, None),
        ("2026-04", 10, Standing.DUE, None),
        ("2026-04", 60, Standing.WITHIN_GRACE, 48),
        ("2026-04", 100, Standing.OVERDUE, 48),
        ("2026-05", 100, Standing.FRESH, None),
    ],
)
def test_silence_begins_when_the_first_missed_report_was_due(
    last: str, hours: int, standing: Standing, since: int | None
) -> None:
    found = silence_of(
        FOUND,
        LOCAL,
        OWED,
        last=parse_period(last),
        connected=True,
        now=ENDS + timedelta(hours=hours),
    )
    assert found.standing is standing
    assert found.since == (None if since is None else ENDS + timedelta(hours=since))


def silence(**changes: Any) -> Any:
    usual: dict[str, Any] = {
        "last": None,
        "connected": True,
        "now": datetime(2026, 6, 20, tzinfo=UTC),
    }
    owed = changes.pop("owed", OWED)
    return silence_of(FOUND, LOCAL, owed, **(usual | changes))


def test_a_window_that_a_calendar_lacks_does_not_end_what_is_owed() -> None:
    def window(month: int) -> Window:
        return Window(
            frequency=Frequency.MONTH,
            start=day_number(date(2026, month, 1)),
            first_day=date(2026, month - 1, 26),
            end_day=date(2026, month, 26),
        )

    calendar = Calendar(
        id="police",
        name_vi="x",
        name_en="x",
        time_zone="Asia/Ho_Chi_Minh",
        windows=tuple(map(window, (2, 4, 5))),
    )

    def standing(last: str) -> Silence:
        return silence_of(
            FOUND,
            calendar,
            OWED,
            last=parse_period(last),
            connected=True,
            now=datetime(2026, 8, 1, tzinfo=UTC),
        )

    assert standing("2026-02").standing is Standing.OVERDUE
    assert standing("2026-02").awaited == parse_period("2026-04")
    assert standing("2026-05").standing is Standing.FRESH


def test_who_never_reported_is_silent_since_the_first_report_was_due() -> None:
    found = silence()
    assert (found.standing, found.awaited) == (
        Standing.OVERDUE,
        parse_period("2026-02"),
    )


def test_a_place_nothing_is_known_of_is_not_connected_and_not_silent() -> None:
    assert silence(connected=False).standing is Standing.NOT_CONNECTED


def test_what_ended_waits_for_nothing() -> None:
    ended = Obligation(
        indicator=FOUND.id,
        locality="1@2025-07-01",
        agency="",
        from_day=OWED.from_day,
        to_day=day_number(date(2026, 4, 30)),
    )
    assert silence(owed=ended).standing is Standing.ENDED


def row(month: str, status: Status, breakdown: str = "", agency: str = "") -> Row:
    return base_row(
        series=SeriesKey(
            indicator=FOUND.id,
            locality="1@2025-07-01",
            breakdown=breakdown,
            agency=agency,
        ),
        period=parse_period(month),
        state=State(value=0),
        status=status,
        provenance=Provenance.FILE,
        recorded_at_us=1,
    )


def test_missing_and_generated_figures_answer_nothing_withheld_ones_do() -> None:
    rows = [
        row("2026-05", Status.MISSING),
        row("2026-04", Status.NORMAL, SIMULATED_FEED),
        row("2026-04", Status.NORMAL, agency="H41.OTHER"),
        row("2026-03", Status.WITHHELD),
        row("2026-02", Status.ZERO),
    ]
    assert last_said(rows, "H41.SNNMT") == parse_period("2026-03")
    assert last_said(rows, "") == parse_period("2026-04")
    assert last_said([], "") is None
    assert FOUND.frequency is Frequency.MONTH
