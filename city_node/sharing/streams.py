"""Which of the node's streams a series belongs to, and on what ground it is withheld.

A stream speaks for an area: a dated set of localities. A place that no area of the
node names stays here. A place that goes from one area of the node to another takes its
whole history to the other stream, on the day that it goes.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from federation.catalogue.sharing import Sharing, SharingRule
from federation.clock import Clock, SystemClock
from federation.errors import ErrorCode, FederationError
from federation.identity.documents import Area
from federation.localities.graph import LocalityGraph
from federation.localities.ownership import Claim, Ownership
from federation.model.indicator import Basis, Indicator, Measure
from federation.model.period import LOCAL
from federation.model.row import SeriesKey
from federation.warehouse.store import Route


class Streams:
    """Routes series to the streams of the node's areas; a ``StreamOf``."""

    def __init__(
        self,
        areas: Sequence[Area],
        places: LocalityGraph,
        indicators: Mapping[str, Indicator],
        *,
        sharing: Sequence[SharingRule] = (),
        clock: Clock | None = None,
    ) -> None:
        """Take the areas apart into localities.

        Raises:
            FederationError: ``CONFIGURATION`` when an area or a rule names a place that
                is not known, two areas name the same one at once, or an indicator is
                withheld without a ground.
        """
        self._indicators = indicators
        self._clock = clock or SystemClock()
        self._ownership = Ownership(areas, places)
        self._sharing = Sharing(sharing, places, indicators.values())
        self._whole = {
            named for area in areas if area.includes_parts for named in area.localities
        }
        for area in areas:
            _check_known(area, places)
        self._localities = frozenset(_own(areas, places))
        for locality in sorted(self._localities):
            _check_alone(locality, self._ownership.claims(locality))

    @property
    def localities(self) -> frozenset[str]:
        """Return the ids of all localities that the node speaks for at some time."""
        return self._localities

    def speaks_for_whole(self, locality: str) -> bool:
        """Return whether the node speaks for a place and for all of its parts.

        The departments of a province speak for it and not for its communes: a total
        over those few communes that the same node hosts is not the province's.
        """
        return locality in self._whole

    def __call__(self, key: SeriesKey) -> Route:
        """Return where a series goes today."""
        if key.basis is Basis.ROLLED_UP and not self.speaks_for_whole(key.locality):
            return Route()
        today = self._clock.now().astimezone(LOCAL.zone).date()
        stream = self._stream_of(key.locality, today)
        indicator = self._indicators.get(key.indicator)
        if stream is None or indicator is None:
            return Route()
        if indicator.measure is Measure.COMPOSITE:
            # Every tier computes it from its own components.
            return Route()
        policy = self._sharing.policy(indicator, key, today)
        return Route(
            stream=stream, withheld_ground=None if policy.shared else policy.ground
        )

    def _stream_of(self, locality: str, today: date) -> str | None:
        return self._ownership.owner(locality, today)


def _own(areas: Sequence[Area], places: LocalityGraph) -> set[str]:
    """Return what areas name, and of all times what is in that where they say so."""
    found = {named for area in areas for named in area.localities}
    for named in {n for area in areas if area.includes_parts for n in area.localities}:
        place = places.get(named)
        members = [member.locality for member in place.members] if place else []
        found |= {*members} | _below({named, *members}, places)
    return found


def _below(above: set[str], places: LocalityGraph) -> set[str]:
    """Return all places below some, of all times; areas are not parts."""
    parts: set[str] = set()
    inside = above
    while inside:
        inside = {
            one.id
            for one in places.all()
            if one.parent in inside and one.level != "area"
        } - parts
        parts |= inside
    return parts


def _check_known(area: Area, places: LocalityGraph) -> None:
    for locality in area.localities:
        if places.get(locality) is None:
            raise _configuration(
                f"Khu vực {area.stream} nêu địa bàn không có trong danh mục: "
                f"{locality}.",
                f"The area {area.stream} names a locality that the lists don't have: "
                f"{locality}.",
            )


def _check_alone(locality: str, claims: Sequence[Claim]) -> None:
    for number, one in enumerate(claims):
        for other in claims[number + 1 :]:
            if one.stream != other.stream and one.overlaps(other.first, other.last):
                raise _configuration(
                    f"Địa bàn {locality} cùng lúc thuộc hai khu vực {one.stream} và "
                    f"{other.stream}; hãy bỏ một, hoặc ghi ngày chuyển.",
                    f"The locality {locality} is in two areas at once, {one.stream} "
                    f"and {other.stream}; remove one, or write the day it moves.",
                )


def _configuration(text_vi: str, text_en: str) -> FederationError:
    return FederationError(ErrorCode.CONFIGURATION, text_vi, text_en)
