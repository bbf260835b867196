"""A value against its deadline, beside the other statement, and who owes it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from federation.api.obligations import _obligation_out
from federation.api.present import value_out
from federation.catalogue.store import by_indicator
from federation.clock import ManualClock
from federation.coverage.silence import Standing
from federation.model.indicator import Basis
from federation.model.period import day_number
from federation.model.row import SIMULATED_FEED
from federation.model.status import Counts, Provenance, Status
from federation.views.obligations import ObligationQuery, ObligationViews
from federation.views.values import ValueQuery, ValueViews
from federation.warehouse.store import Incoming
from federation.wire.payload import Obligation
from tests.unit.views.world import (
    FINES,
    INVESTMENT,
    KNOWN_AT,
    WARDS,
    filled,
    knowledge,
    reading,
    row,
)


async def test_a_report_stands_beside_the_total_of_its_parts_with_the_difference() -> (
    None
):
    both = [
        row(FINES, "2025-01", 100),
        row(FINES, "2025-01", 93, basis=Basis.ROLLED_UP),
        row(FINES, "2025-02", 5),
    ]
    page = await ValueViews(await filled(both), reading).page(
        ValueQuery(indicator=FINES.id, locality="40"), knowledge()
    )
    seen = {(one.row.series.basis, one.row.period.text): one for one in page.items}
    reported = seen[Basis.REPORTED, "2025-01"].twin
    rolled_up = seen[Basis.ROLLED_UP, "2025-01"].twin
    assert reported is not None
    assert rolled_up is not None
    assert (reported.row.series.basis, reported.row.state) == (
        Basis.ROLLED_UP,
        both[1].state,
    )
    assert reported.difference == -(rolled_up.difference or 0)
    assert seen[Basis.REPORTED, "2025-02"].twin is None
    out = value_out(seen[Basis.REPORTED, "2025-01"], knowledge())
    assert out.twin is not None
    assert (out.twin.basis, out.twin.value) == ("rolled_up", out.twin.value)
    assert out.value is not None
    assert out.twin.value is not None
    assert out.twin.difference is not None


async def test_a_report_says_when_it_was_due_and_whether_it_came_in_time() -> None:
    rows = [
        row(INVESTMENT, "2024-12", 1),
        row(INVESTMENT, "2025-01", None),
        row(INVESTMENT, "2025-01", 1, basis=Basis.ROLLED_UP),
    ]
    page = await ValueViews(await filled(rows), reading).page(
        ValueQuery(indicator=INVESTMENT.id, locality="40"), knowledge()
    )
    late = KNOWN_AT + timedelta(days=4000)
    out = {
        (one.basis, one.period): one
        for one in (value_out(seen, knowledge(), now=late) for seen in page.items)
    }
    given = out["reported", "2024-12"]
    assert given.due_at is not None
    in_time = datetime.fromisoformat(given.due_at) >= KNOWN_AT
    assert given.timeliness == ("on_time" if in_time else "late")
    assert out["reported", "2025-01"].timeliness == "overdue"
    assert out["rolled_up", "2025-01"].timeliness is None


async def test_a_figure_that_was_missing_at_its_deadline_came_late() -> None:
    warehouse = await filled([row(INVESTMENT, "2024-12", None)])
    late = KNOWN_AT + timedelta(days=90)
    contract = INVESTMENT.contract_hash
    given = Incoming(row=row(INVESTMENT, "2024-12", 1), contract_hash=contract)
    await warehouse.apply(None, [given], known_at=late)
    page = await ValueViews(warehouse, reading).page(
        ValueQuery(indicator=INVESTMENT.id, locality="40"), knowledge()
    )
    out = value_out(page.items[0], knowledge(), now=late)
    assert out.timeliness == "late"


async def test_where_nobody_owed_n_is_not_known() -> None:
    unowed = replace(
        row(FINES, "2025-01", 5, basis=Basis.ROLLED_UP), expected=0, reported=0
    )
    page = await ValueViews(await filled([unowed]), reading).page(
        ValueQuery(indicator=FINES.id, locality="40"), knowledge()
    )
    coverage = value_out(page.items[0], knowledge()).coverage
    assert (coverage.reported, coverage.expected, coverage.missing_count) == (
        0,
        None,
        0,
    )


async def test_who_withholds_without_owing_hides_nobody_who_is_silent() -> None:
    total = row(FINES, "2025-08", 5, basis=Basis.ROLLED_UP)
    withheld = Counts.one(Status.WITHHELD, Provenance.AUTOMATIC)
    guest = row(FINES, "2025-08", None, locality="17443@2025-07-01")
    rows = [
        replace(total, expected=2, reported=1, counts=total.counts + withheld),
        row(FINES, "2025-08", 5, locality=WARDS[0]),
        replace(guest, counts=withheld),
    ]
    owing = knowledge().owed[FINES.id]
    known = replace(
        knowledge(), owed={FINES.id: [o for o in owing if o.locality in WARDS]}
    )
    page = await ValueViews(await filled(rows), reading).page(
        ValueQuery(indicator=FINES.id, locality="40"), known
    )
    coverage = value_out(page.items[0], known).coverage
    assert (coverage.missing_count, coverage.withheld_count) == (1, 0)
    assert coverage.missing == [WARDS[1]]


async def test_obligations_say_who_keeps_silent_and_since_when() -> None:
    first, second, third = WARDS[0], WARDS[1], "17443@2025-07-01"
    begin = day_number(date(2026, 1, 1))
    announced = [
        Obligation(indicator=FINES.id, locality=name, agency="H41.STC", from_day=begin)
        for name in (first, second)
    ]
    expected = [
        Obligation(indicator=FINES.id, locality=name, agency="", from_day=begin)
        for name in (first, third)
    ]
    known = replace(
        knowledge(),
        owed=by_indicator([*announced, *expected]),
        announced=by_indicator(announced),
    )
    rows = [
        row(FINES, "2026-04", 1, locality=first),
        row(FINES, "2026-01", 1, locality=second),
        replace(
            row(FINES, "2026-04", 1, locality=second),
            series=replace(
                row(FINES, "2026-04", 1, locality=second).series,
                breakdown=SIMULATED_FEED,
            ),
        ),
    ]
    views = ObligationViews(
        await filled(rows), reading, clock=ManualClock(datetime(2026, 5, 2, tzinfo=UTC))
    )
    page = await views.page(ObligationQuery(), known)
    stands = {one.obligation.locality: one for one in page.items}
    # What the tier expects of anybody is not shown where a named agency owes it.
    assert [one.obligation.agency for one in page.items].count("") == 1
    assert stands[first].silence.standing is Standing.FRESH
    assert stands[second].silence.standing is Standing.OVERDUE
    assert stands[third].silence.standing is Standing.NOT_CONNECTED
    out = _obligation_out(stands[second], known)
    assert (out.last_period, out.awaited_period) == ("2026-01", "2026-02")
    assert out.since == out.due_at
    assert dict(await views.silent_counts(known)) == {FINES.subsystem: 1}
    one = await views.page(ObligationQuery(limit=1), known)
    assert one.next is not None
    rest = await views.page(ObligationQuery(after=one.next), known)
    assert [*one.items, *rest.items] == list(page.items)
    silent = await views.page(ObligationQuery(standing=Standing.OVERDUE), known)
    assert [item.obligation.locality for item in silent.items] == [second]
