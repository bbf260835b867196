"""The figures that a template shows beside those to type: before, and standing."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import TypeVar

from city_node.templates.form import Shown
from federation.algebra.value import decimal_value
from federation.model.indicator import Basis, Indicator
from federation.model.period import Period
from federation.model.status import Status
from federation.warehouse.store import DayRange, SeriesFilter, Stored, Warehouse

Handle = TypeVar("Handle")

NO_ACTIVITY_SHOWN = "-"


async def shown_figures(
    warehouse: Warehouse[Handle],
    handle: Handle,
    indicators: Collection[Indicator],
    localities: Collection[str],
    agency: str,
    period: Period,
) -> Mapping[tuple[str, str, str], tuple[Shown | None, Shown | None]]:
    """Return the figure before a period and the one of it, by row of a template."""
    by_id = {indicator.id: indicator for indicator in indicators}
    chosen = SeriesFilter(
        indicators=by_id.keys(),
        localities=frozenset(localities),
        agencies=(agency,),
        basis=Basis.REPORTED,
    )
    before = await warehouse.latest(
        handle, chosen, days=DayRange(last=period.start - 1)
    )
    standing = await warehouse.latest(
        handle, chosen, days=DayRange(first=period.start, last=period.start)
    )
    previous = {_row(each): _shown(by_id, each, dated=True) for each in before}
    now = {_row(each): _shown(by_id, each, dated=False) for each in standing}
    return {
        row: (previous.get(row), now.get(row)) for row in previous.keys() | now.keys()
    }


def _row(stored: Stored) -> tuple[str, str, str]:
    series = stored.row.series
    return series.indicator, series.locality, series.breakdown


def _shown(
    indicators: Mapping[str, Indicator], stored: Stored, *, dated: bool
) -> Shown | None:
    row = stored.row
    if row.state is None:
        return None
    indicator = indicators[row.series.indicator]
    number = decimal_value(indicator, row.state, indicator.decimals)
    text = "" if number is None else _vietnamese(number)
    if row.status is Status.NO_ACTIVITY:
        text = NO_ACTIVITY_SHOWN
    return Shown(value=text, period=row.period.text if dated else "")


def _vietnamese(number: Decimal) -> str:
    """Return a number as it is typed; zeros behind a comma look like thousands."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",")
