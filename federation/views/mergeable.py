"""What a reader may ask of an indicator, and by which contract it is merged."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from federation.algebra.refusals import check_over_place, merges_over_time
from federation.model.indicator import Basis, Indicator, MergeRule
from federation.model.locality import LEVELS
from federation.views.knowledge import Knowledge
from federation.warehouse.history import AsOf
from federation.warehouse.store import Reads, SeriesFilter, Stored

Handle = TypeVar("Handle")

_AREA = "area"


async def check_place(
    reads: Reads[Handle],
    handle: Handle,
    indicator: Indicator,
    chosen: SeriesFilter,
    knowledge: Knowledge,
) -> None:
    """Refuse the total of a place that the indicator's place rule can't make.

    An empty answer would read as if nobody had reported. A place of the indicator's
    own level, and a figure that somebody reported for a coarser one, are no totals.

    Raises:
        FederationError: ``MERGE_REFUSED`` with the reason and what is possible.
    """
    if indicator.over_place is MergeRule.COMPOSITE or chosen.basis is Basis.REPORTED:
        return
    coarser = chosen.localities is not None and all(
        _is_coarser(locality, indicator, knowledge) for locality in chosen.localities
    )
    if not (coarser or chosen.basis is Basis.ROLLED_UP):
        return
    any_part = replace(chosen, breakdowns=None, agencies=None)
    if not await reads.series(handle, any_part):
        check_over_place(indicator)


def _is_coarser(locality: str, indicator: Indicator, knowledge: Knowledge) -> bool:
    place = knowledge.places.get(locality)
    if place is None or place.level == indicator.level:
        return False
    if place.level == _AREA:
        # An area is made of communes, or of the districts before them.
        return indicator.level in ("commune", "district")
    if indicator.level == _AREA:
        return place.level in ("nation", "province")
    return LEVELS.index(place.level) < LEVELS.index(indicator.level)


def read_by(
    as_of: AsOf | None,
    group: Sequence[Stored],
    current: Indicator,
    knowledge: Knowledge,
) -> Indicator:
    """Return the contract by which values of one series are merged over time.

    It is the current one, and values of others are missing with that reason. At a
    moment of the past they stood under the contract of that time: where it has the
    same periods it is that one, for what was known then must not read as missing.
    """
    hashes = {stored.contract_hash for stored in group}
    if as_of is None or len(hashes) != 1 or current.contract_hash in hashes:
        return current
    former = knowledge.former_contract(current.id, hashes.pop())
    if (
        former is None
        or (former.frequency, former.calendar) != (current.frequency, current.calendar)
        or not merges_over_time(former)
    ):
        return current
    return former
