"""Units as tables write them, with exact factors between those of one family.

A factor is a rational number, so a conversion loses nothing; what doesn't come out
as a decimal is rounded once, when the figure becomes an observation.
"""

import re
from collections.abc import Mapping
from fractions import Fraction

from city_node.sources.headings import words
from federation.errors import ErrorCode, FederationError

BILLION_VND = "tỷ đồng"
MILLION_USD = "triệu USD"

_THOUSAND = Fraction(1000)
_VND = {
    "nghin ty dong": _THOUSAND**4,
    "ty dong": _THOUSAND**3,
    "bill dong": _THOUSAND**3,
    "bill dongs": _THOUSAND**3,
    "billion dong": _THOUSAND**3,
    "billion dongs": _THOUSAND**3,
    "billion vnd": _THOUSAND**3,
    "bn vnd": _THOUSAND**3,
    "trieu dong": _THOUSAND**2,
    "mill dong": _THOUSAND**2,
    "mill dongs": _THOUSAND**2,
    "million dong": _THOUSAND**2,
    "million dongs": _THOUSAND**2,
    "million vnd": _THOUSAND**2,
    "m vnd": _THOUSAND**2,
    "nghin dong": _THOUSAND,
    "ngan dong": _THOUSAND,
    "thousand dong": _THOUSAND,
    "thousand dongs": _THOUSAND,
    "thous dong": _THOUSAND,
    "thous dongs": _THOUSAND,
    "dong": Fraction(1),
    "vnd": Fraction(1),
}
_USD = {
    "ty usd": _THOUSAND**3,
    "ty do la my": _THOUSAND**3,
    "billion usd": _THOUSAND**3,
    "trieu usd": _THOUSAND**2,
    "trieu do la my": _THOUSAND**2,
    "million usd": _THOUSAND**2,
    "mill usd": _THOUSAND**2,
    "m usd": _THOUSAND**2,
    "nghin usd": _THOUSAND,
    "ngan usd": _THOUSAND,
    "thousand usd": _THOUSAND,
    "usd": Fraction(1),
}
_PERSONS = {
    "trieu nguoi": _THOUSAND**2,
    "nghin nguoi": _THOUSAND,
    "ngan nguoi": _THOUSAND,
    "thousand persons": _THOUSAND,
    "thous pers": _THOUSAND,
    "nguoi": Fraction(1),
    "hoc sinh": Fraction(1),
    "person": Fraction(1),
    "persons": Fraction(1),
    "pupil": Fraction(1),
    "pupils": Fraction(1),
}
_COUNTS = {
    "trieu": _THOUSAND**2,
    "nghin": _THOUSAND,
    "ngan": _THOUSAND,
    "thousand": _THOUSAND,
    "cai": Fraction(1),
    "du an": Fraction(1),
    "project": Fraction(1),
    "projects": Fraction(1),
    "doanh nghiep": Fraction(1),
    "dn": Fraction(1),
    "luot": Fraction(1),
    "vu": Fraction(1),
    "number": Fraction(1),
}

UNITS: Mapping[str, Mapping[str, Fraction]] = {
    "vnd": _VND,
    "usd": _USD,
    "percent": {"%": Fraction(1), "phan tram": Fraction(1), "percent": Fraction(1)},
    "count": _COUNTS,
    "person": _PERSONS,
    "bed": {
        "nghin giuong": _THOUSAND,
        "giuong": Fraction(1),
        "giuong benh": Fraction(1),
        "bed": Fraction(1),
        "beds": Fraction(1),
    },
    "tonnes_per_day": {
        "nghin tan ngay": _THOUSAND,
        "tan ngay": Fraction(1),
        "tan tren ngay": Fraction(1),
        "tan moi ngay": Fraction(1),
        "tonnes a day": Fraction(1),
        "tonnes day": Fraction(1),
        "tons day": Fraction(1),
        "ton day": Fraction(1),
        "kg ngay": Fraction(1, 1000),
        "kg day": Fraction(1, 1000),
    },
    "mm": {"mm": Fraction(1), "cm": Fraction(10)},
    "celsius": {"c": Fraction(1), "do c": Fraction(1), "oc": Fraction(1)},
    "ugm3": {"g m3": Fraction(1), "ug m3": Fraction(1), "mg m3": Fraction(1000)},
}
"""Family → folded name → how many of the family's base unit one of it is."""

TARGETS: Mapping[str, tuple[str, str]] = {
    "billion_vnd": ("vnd", "ty dong"),
    "million_vnd": ("vnd", "trieu dong"),
    "million_usd": ("usd", "trieu usd"),
    "percent": ("percent", "%"),
    "person": ("person", "nguoi"),
    "bed": ("bed", "giuong"),
    "project": ("count", "du an"),
    "tonnes_per_day": ("tonnes_per_day", "tan ngay"),
}
"""Unit of an indicator → its family and its name there."""

IN_PARENTHESES = re.compile(r"\(([^()]{1,40})\)")
"""Where a heading states its unit: "(Tỷ đồng)"."""

_BEFORE = ("don vi tinh ", "don vi ", "dvt ", "unit ", "units ")


def bare(text: str) -> str:
    """Return a unit's folded name without "Đơn vị tính:" before it."""
    # Greek mu is the micro sign folded; neither is a word to ``words``.
    name = words(text.replace("³", "3").replace("μ", "u").replace("µ", "u"))
    for before in _BEFORE:
        if name.startswith(before):
            return name.removeprefix(before)
    return name


def is_unit(text: str, family: str) -> bool:
    """Return whether a text is a unit of a family and nothing else."""
    return bare(text) in UNITS[family]


def is_any_unit(text: str) -> bool:
    """Return whether a text is a unit of whatever family and nothing else."""
    return any(bare(text) in family for family in UNITS.values())


def without_units(text: str) -> str:
    """Return a heading without the units that it states in parentheses."""
    return IN_PARENTHESES.sub(
        lambda found: " " if is_any_unit(found[1]) else found[0], text
    )


def between(unit: str, other: str, family: str) -> Fraction:
    """Return how many of another unit one unit is.

    Raises:
        FederationError: ``INPUT_ROW`` for a unit that is not of the family.
    """
    return _base(unit, family) / _base(other, family)


def factor_to(unit: str, target: str) -> Fraction:
    """Return the factor from a unit as written to the unit of an indicator.

    Raises:
        FederationError: ``INPUT_ROW`` for a unit that is not of this kind.
    """
    family, name = TARGETS[target]
    return between(unit, name, family)


def _base(unit: str, family: str) -> Fraction:
    known = UNITS[family]
    factor = known.get(bare(unit))
    if factor is None:
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"Không nhận ra đơn vị tính “{unit}”. Hãy ghi một trong: "
            f"{', '.join(known)}.",
            f"The unit “{unit}” is not known here. Use one of: {', '.join(known)}.",
            {"unit": unit},
        )
    return factor
