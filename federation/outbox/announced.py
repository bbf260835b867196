"""What a stream has announced in its present epoch.

Numbers of series, sources and origins begin anew with every epoch. An announcement
whose content changed is made again under the same number; only a series that came
under another contract gets a new one, because its rows mean something else.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator
from enum import StrEnum

from federation.model.indicator import Basis
from federation.model.row import SeriesKey

_SEPARATOR = "\x1f"


class Kind(StrEnum):
    """What is announced."""

    INDICATOR = "indicator"
    CALENDAR = "calendar"
    AGENCY = "agency"
    SUBSYSTEM = "subsystem"
    SOURCE = "source"
    ORIGIN = "origin"
    LOCALITY = "locality"
    OBLIGATION = "obligation"
    SERIES = "series"
    WITHHELD = "withheld"
    COMPLETE = "complete"
    """``number`` is the start of the last finished period that was announced."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """One thing told to the parent in an epoch."""

    kind: Kind
    key: str
    number: int
    fingerprint: bytes


def key_text(*parts: str) -> str:
    """Return parts of a natural key as one text."""
    return _SEPARATOR.join(parts)


def series_text(key: SeriesKey) -> str:
    """Return the natural key of a series as one text."""
    return key_text(
        key.indicator, key.locality, key.agency, key.breakdown, str(int(key.basis))
    )


def series_of(text: str) -> SeriesKey:
    """Return the series of a natural key as ``series_text`` writes it."""
    indicator, locality, agency, breakdown, basis = text.split(_SEPARATOR)
    return SeriesKey(
        indicator=indicator,
        locality=locality,
        agency=agency,
        breakdown=breakdown,
        basis=Basis(int(basis)),
    )


def fingerprint(content: object) -> bytes:
    """Return what tells two contents of one announcement apart."""
    return hashlib.sha256(repr(content).encode()).digest()


class Announced:
    """Everything announced in one epoch; grows with every frame."""

    def __init__(self, announcements: Iterable[Announcement] = ()) -> None:
        self._known: dict[tuple[Kind, str], Announcement] = {}
        self._last_number: dict[Kind, int] = {}
        self.add(announcements)

    def add(self, announcements: Iterable[Announcement]) -> None:
        """Take in what a frame announced."""
        for item in announcements:
            self._known[item.kind, item.key] = item
            last = self._last_number.get(item.kind, 0)
            self._last_number[item.kind] = max(last, item.number)

    def find(self, kind: Kind, key: str) -> Announcement | None:
        """Return what was announced under a key, if anything was."""
        return self._known.get((kind, key))

    def keys(self, kind: Kind) -> Iterator[str]:
        """Return the keys announced of a kind."""
        return (key for known, key in self._known if known is kind)

    def last_number(self, kind: Kind) -> int:
        """Return the highest number given so far, 0 for none."""
        return self._last_number.get(kind, 0)


class Draft:
    """What one frame adds to an epoch's announcements; nothing until it is kept."""

    def __init__(self, announced: Announced) -> None:
        self._announced = announced
        self._new: dict[tuple[Kind, str], Announcement] = {}
        self._next: dict[Kind, int] = {}

    @property
    def additions(self) -> tuple[Announcement, ...]:
        """Return what the frame announces."""
        return tuple(self._new.values())

    def find(self, kind: Kind, key: str) -> Announcement | None:
        """Return what is announced under a key by this frame or one before."""
        return self._new.get((kind, key)) or self._announced.find(kind, key)

    def note(self, kind: Kind, key: str, mark: bytes, number: int = 0) -> bool:
        """Return whether something must be announced, and note that it is."""
        known = self.find(kind, key)
        if known is not None and (known.fingerprint, known.number) == (mark, number):
            return False
        self._new[kind, key] = Announcement(
            kind=kind, key=key, number=number, fingerprint=mark
        )
        return True

    def number(
        self, kind: Kind, key: str, mark: bytes, *, renumber: bool = False
    ) -> tuple[int, bool]:
        """Return the number of something and whether it must be announced.

        Args:
            kind: What it is.
            key: Its natural key.
            mark: The fingerprint of its content.
            renumber: Whether changed content gets a new number.
        """
        known = self.find(kind, key)
        if known is not None and known.fingerprint == mark:
            return known.number, False
        if known is not None and not renumber:
            number = known.number
        else:
            number = self._next.get(kind, self._announced.last_number(kind)) + 1
            self._next[kind] = number
        self.note(kind, key, mark, number)
        return number, True
