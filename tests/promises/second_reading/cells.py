"""Cells, what must become of them, and the texts a person would take for the same."""

import csv
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from pathlib import Path


class Fate(StrEnum):
    """What becomes of a cell."""

    KEY = "key"
    EMPTY = "empty"
    LANDED = "landed"
    FLAGGED = "flagged"
    REFUSED = "refused"
    NOT_USED = "not used"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What a cell must be at every tier.

    ``part`` is the field of the answer that holds it. ``number`` is None where the
    figure is missing; it is compared in ``digits`` decimals, rounded half-even.
    """

    indicator: str
    locality: str
    period: str
    number: Fraction | None
    status: str = "normal"
    breakdown: str = ""
    part: str = "value"
    digits: int = 6

    @property
    def series(self) -> tuple[str, str, str, str]:
        return self.indicator, self.locality, self.breakdown, self.period


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell: where it stands, what it says, and what must become of it.

    ``figures`` are mostly one; the denominator of a rate is a figure of its own, too.
    """

    file: str
    place: str
    text: str
    fate: Fate
    reason: str = ""
    figures: tuple[Figure, ...] = ()


def folded(text: object) -> str:
    """Return a text without case, accents and spaces around it."""
    plain = unicodedata.normalize("NFD", str(text).strip().casefold())
    return "".join(each for each in plain if not unicodedata.combining(each))


def is_nghe_an(text: object) -> bool:
    return folded(text) == "nghe an"


def status_of(number: Fraction | None, certain: str) -> str:
    if number is None:
        return "missing"
    return "zero" if number == 0 and certain == "normal" else certain


def number_in(text: str) -> Fraction | None:
    return None if text.strip() in ("", "..", "...") else Fraction(text.strip())


@cache
def lines_of(path: Path) -> tuple[dict[str, str], ...]:
    """Return the lines of a delimited file by heading."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return tuple(csv.DictReader(file))


def rounded(number: Fraction, digits: int) -> Decimal:
    """Return a number rounded half-even to decimals."""
    return Decimal(round(number * 10**digits)).scaleb(-digits)
