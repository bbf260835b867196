"""Which components a composite lacks."""

from typing import TypeVar

from federation.algebra.composite import missing
from federation.model.row import Row
from federation.rollups.composites import parts_of_places, wanted_of
from federation.views.knowledge import Knowledge
from federation.warehouse.store import Reads, Stored

Handle = TypeVar("Handle")


async def components_missing(
    reads: Reads[Handle], handle: Handle, row: Row, knowledge: Knowledge
) -> tuple[str, ...]:
    """Return the indicators that a composite needs and has not; one query for each."""
    composite = knowledge.indicator(row.series.indicator)
    calendar = knowledge.calendar(composite)
    parts: dict[str, list[Stored]] = {}
    for component in composite.composed_of:
        contract = knowledge.indicators.get(component.indicator)
        if contract is None:
            continue
        period = wanted_of(
            composite, row.period, calendar, contract, knowledge.calendar
        )
        parts[contract.id] = list(await reads.at(handle, contract.id, period.start))
    of_place = parts_of_places(knowledge.indicators, parts).get(row.series.locality, {})
    return missing(composite, knowledge.indicators, of_place)
