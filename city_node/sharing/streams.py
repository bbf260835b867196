"""Which of the node's streams a series belongs to, and on what ground it is withheld.

A stream speaks for an area: a dated set of localities. A place that no area of the
node names stays here.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from federation.errors import ErrorCode, FederationError
from federation.identity.documents import Area
from federation.model.indicator import Basis, Indicator
from federation.model.locality import Locality
from federation.model.row import SeriesKey
from federation.warehouse.store import Route


class PlaceTree(Protocol):
    """All places of all times; ``federation.localities`` has the implementation."""

    def get(self, locality_id: str) -> Locality | None:
        """Return the locality of an id."""
        ...

    def all(self) -> Sequence[Locality]:
        """Return every place."""
        ...


class Streams:
    """Routes series to the streams of the node's areas; a ``StreamOf``."""

    def __init__(
        self,
        areas: Sequence[Area],
        places: PlaceTree,
        indicators: Mapping[str, Indicator],
    ) -> None:
        """Take the areas apart into localities.

        Raises:
            FederationError: ``CONFIGURATION`` when an area names a place that is not
                known, or two areas name the same one.
        """
        self._indicators = indicators
        self._stream_of: dict[str, str] = {}
        self._whole: set[str] = set()
        for area in areas:
            if area.includes_parts:
                self._whole |= set(area.localities)
            for locality in localities_of(area, places):
                other = self._stream_of.setdefault(locality, area.stream)
                if other != area.stream:
                    raise _configuration(
                        f"Địa bàn {locality} thuộc hai khu vực {other} và "
                        f"{area.stream}; hãy bỏ một.",
                        f"The locality {locality} is in two areas, {other} and "
                        f"{area.stream}; remove one.",
                    )

    @property
    def localities(self) -> frozenset[str]:
        """Return the ids of all localities that the node speaks for."""
        return frozenset(self._stream_of)

    def speaks_for_whole(self, locality: str) -> bool:
        """Return whether the node speaks for a place and for all of its parts.

        The departments of a province speak for it and not for its communes: a total
        over those few communes that the same node hosts is not the province's.
        """
        return locality in self._whole

    def __call__(self, key: SeriesKey) -> Route:
        """Return where a series goes."""
        if key.basis is Basis.ROLLED_UP and not self.speaks_for_whole(key.locality):
            return Route()
        stream = self._stream_of.get(key.locality)
        indicator = self._indicators.get(key.indicator)
        if stream is None or indicator is None:
            return Route()
        detail = key.basis is Basis.REPORTED
        policy = indicator.share_detail if detail else indicator.share_rollup
        return Route(
            stream=stream, withheld_ground=None if policy.shared else policy.ground
        )


def localities_of(area: Area, places: PlaceTree) -> list[str]:
    """Return the ids of all localities of an area, with their parts where it says so.

    Raises:
        FederationError: ``CONFIGURATION`` when the area names an unknown place.
    """
    found: dict[str, None] = {}
    for locality in area.localities:
        place = places.get(locality)
        if place is None:
            raise _configuration(
                f"Khu vực {area.stream} nêu địa bàn không có trong danh mục: "
                f"{locality}.",
                f"The area {area.stream} names a locality that the lists don't have: "
                f"{locality}.",
            )
        found[locality] = None
        if area.includes_parts:
            found |= dict.fromkeys(_parts(place, places))
    return list(found)


def _parts(place: Locality, places: PlaceTree) -> list[str]:
    """Return members of an area, or all places below another one, of all times."""
    if place.level == "area":
        return [member.locality for member in place.members]
    parts: set[str] = set()
    inside = {place.id}
    while inside:
        inside = {
            one.id
            for one in places.all()
            if one.parent in inside and one.level != "area"
        } - parts
        parts |= inside
    return sorted(parts)


def _configuration(text_vi: str, text_en: str) -> FederationError:
    return FederationError(ErrorCode.CONFIGURATION, text_vi, text_en)
