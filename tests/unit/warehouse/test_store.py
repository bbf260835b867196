"""The rules of a warehouse that need no storage."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from federation.model.period import Frequency, Period, period_of_day
from federation.model.row import SeriesKey, State, Version, base_row
from federation.model.status import Provenance, Status
from federation.storage.migrations import missing_migrations
from federation.warehouse import APP
from federation.warehouse.store import (
    Incoming,
    SeriesFilter,
    day_of_period,
    newest_of_each,
    supersedes,
)

KEY = SeriesKey(indicator="a.b", locality="40")
MAY = period_of_day(Frequency.MONTH, date(2026, 5, 1))


def incoming(value: int, carrier: Version | None = None) -> Incoming:
    row = base_row(
        series=KEY,
        period=MAY,
        state=State(value=value),
        status=Status.NORMAL,
        provenance=Provenance.FILE,
        recorded_at_us=1,
    )
    return Incoming(row=row, contract_hash=b"h", carrier=carrier)


def test_order_exists_only_within_a_stream() -> None:
    old = Version(stream="a", epoch=1, sequence=9)
    assert supersedes(replace(old, epoch=2, sequence=1), old)
    assert not supersedes(replace(old, sequence=8), old)
    assert supersedes(replace(old, stream="b", sequence=1), old)
    assert supersedes(None, old)
    assert supersedes(old, None)


@given(st.permutations(range(6)))
def test_of_one_stream_the_highest_version_stands(order: list[int]) -> None:
    batch = [incoming(n, Version(stream="a", epoch=1, sequence=n)) for n in order]
    (chosen,) = newest_of_each(batch)
    assert chosen.row.state == State(value=5)


def test_an_hour_begins_on_its_utc_day() -> None:
    assert day_of_period(Period(frequency=Frequency.HOUR, start=49)) == 2
    assert day_of_period(MAY) == MAY.start


def test_an_empty_choice_takes_nothing() -> None:
    assert SeriesFilter().takes(KEY)
    assert not SeriesFilter(localities=()).takes(KEY)


async def test_the_schema_has_all_its_migrations() -> None:
    assert await missing_migrations([APP]) == []
