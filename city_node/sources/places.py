"""Finding the places that this node speaks for, by name and by code."""

import re
from datetime import date

from city_node.contract import Place, ReadContext, Rejected, Skipped
from city_node.sources.headings import words
from federation.errors import FederationError
from federation.model.locality import Locality

OTHER_LOCALITY = "other-locality"
"""Reason of ``Skipped``: the row is about a place this node does not speak for."""

CONTROL_TOTAL = "control-total"
"""Reason of ``Skipped``: a total or a part of one, never added to places."""

_TITLES = re.compile(
    r"^(tinh|thanh pho|tp|phuong|xa|dac khu|quan|huyen|thi xa|thi tran) "
)


def plain_name(name: str) -> str:
    """Return a place's folded name without "Tỉnh", "Thành phố", "Phường" or "Xã"."""
    return _TITLES.sub("", words(name))


def owned_of_level(context: ReadContext, level: str) -> list[Locality]:
    """Return the owned localities of a level, of any time, by id."""
    return [locality for locality in _owned(context) if locality.level == level]


def owned_on(context: ReadContext, level: str, day: date) -> list[Locality]:
    """Return the owned localities of a level that exist on a day, by id."""
    return [
        locality
        for locality in _owned(context)
        if locality.level == level and locality.holds_on(day)
    ]


def speaks_for(context: ReadContext, locality: Locality, day: date) -> bool:
    """Return whether the node speaks for a place, or for all of an area, on a day."""
    if locality.id in context.owned:
        return True
    members = [member.locality for member in locality.members if member.holds_on(day)]
    return bool(members) and all(member in context.owned for member in members)


def other_locality(place: Place, name: str) -> Skipped:
    """Return the item for a row about a place of somebody else."""
    return Skipped(
        place=place,
        reason=OTHER_LOCALITY,
        text_vi=f"“{name}” không thuộc khu vực của nút này.",
        text_en=f"“{name}” is not of this node's areas.",
    )


def rejected(place: Place, error: FederationError) -> Rejected:
    """Return the item for a row that an error refused."""
    return Rejected(place=place, text_vi=error.text_vi, text_en=error.text_en)


def _owned(context: ReadContext) -> list[Locality]:
    found = (context.localities.get(identity) for identity in sorted(context.owned))
    return [locality for locality in found if locality is not None]
