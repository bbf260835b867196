"""Localities: dated places. A code is not an identity.

Codes are re-used by later decrees for other places, so a locality is known by its
code and the day it began: its id is the code alone where that day is unknown, else
``code@YYYY-MM-DD``.
"""

from dataclasses import dataclass
from datetime import date

LEVELS = ("nation", "province", "district", "commune", "area")


def locality_id(code: str, valid_from: date | None) -> str:
    """Return the id of the locality that bears a code from a day on."""
    return code if valid_from is None else f"{code}@{valid_from.isoformat()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One locality of an area, for some time; both days belong to it."""

    locality: str
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Return whether the membership holds on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Locality:
    """A place from ``valid_from`` to ``valid_to`` (both included, None = open).

    ``level`` is one of ``LEVELS``. An ``area`` is the dated set of localities that a
    stream speaks for and has members instead of children. ``successors`` names the
    ids that took its place; how figures divide among them is not known.
    """

    id: str
    code: str
    name_vi: str
    name_en: str
    level: str
    parent: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    decree: str = ""
    members: tuple[Member, ...] = ()
    successors: tuple[str, ...] = ()

    def holds_on(self, day: date) -> bool:
        """Return whether the place exists on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )
