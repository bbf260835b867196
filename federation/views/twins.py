"""What was reported for a place beside the total of its parts.

They are two statements about one thing: shown side by side with their difference,
never added, and neither corrects the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from federation.algebra.value import decimal_value
from federation.model.indicator import Basis, Indicator
from federation.model.period import Period
from federation.model.row import Row, SeriesKey
from federation.model.status import Status
from federation.views.knowledge import Knowledge
from federation.warehouse.store import (
    DayRange,
    Reads,
    SeriesFilter,
    Stored,
    day_of_period,
)

Handle = TypeVar("Handle")

_OTHER = {Basis.REPORTED: Basis.ROLLED_UP, Basis.ROLLED_UP: Basis.REPORTED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Twin:
    """The other statement; ``difference`` is what the first one has more than it."""

    row: Row
    known_at: datetime
    difference: Decimal | None


async def twins_of(
    reads: Reads[Handle],
    handle: Handle,
    rows: Sequence[Row],
    knowledge: Knowledge,
) -> dict[tuple[SeriesKey, Period], Twin]:
    """Return the twins of rows, by series and period; one query for each basis.

    Of several agencies that reported for a place the indicator's owner stands for it.
    """
    found: dict[tuple[SeriesKey, Period], Twin] = {}
    for basis, other in _OTHER.items():
        wanted = [row for row in rows if row.series.basis is basis]
        if not wanted:
            continue
        days = [day_of_period(row.period) for row in wanted]
        candidates: dict[tuple[SeriesKey, Period], list[Stored]] = {}
        for stored in await reads.values(
            handle,
            SeriesFilter(
                indicators=frozenset(row.series.indicator for row in wanted),
                localities=frozenset(row.series.locality for row in wanted),
                breakdowns=frozenset(row.series.breakdown for row in wanted),
                basis=other,
            ),
            days=DayRange(first=min(days), last=max(days)),
        ):
            if stored.row.status is not Status.DELETED:
                place = (_place(stored.row.series), stored.row.period)
                candidates.setdefault(place, []).append(stored)
        for row in wanted:
            beside = candidates.get((_place(row.series), row.period))
            if beside:
                indicator = knowledge.indicator(row.series.indicator)
                found[row.series, row.period] = _twin(indicator, row, beside)
    return found


def _place(series: SeriesKey) -> SeriesKey:
    return replace(series, agency="", basis=Basis.REPORTED)


def _twin(indicator: Indicator, row: Row, beside: Sequence[Stored]) -> Twin:
    def order(stored: Stored) -> tuple[bool, bool, str]:
        agency = stored.row.series.agency
        return (stored.row.state is None, agency != indicator.owner_agency, agency)

    other = min(beside, key=order)
    same = other.contract_hash == indicator.contract_hash
    one = decimal_value(indicator, row.state) if row.state is not None else None
    two = (
        decimal_value(indicator, other.row.state)
        if same and other.row.state is not None
        else None
    )
    return Twin(
        row=other.row,
        known_at=other.known_at,
        difference=None if one is None or two is None else one - two,
    )
