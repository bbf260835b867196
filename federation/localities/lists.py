"""Official lists of places.

Two shapes are read: provinces with commune-level units (``Wards``), as since 1 July
2025, and provinces with districts with communes (``District``, ``Ward``), as before.
The list that ships is that of the package ``vietnam-provinces``.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import vietnam_provinces

from federation.errors import ErrorCode, FederationError
from federation.localities.graph import WHOLE
from federation.model.locality import Locality, locality_id

# Law 72/2025/QH15 and Resolution 203/2025/QH15: two levels from this day on.
TWO_LEVELS_SINCE = date(2025, 7, 1)
_LAST_DISTRICT_DAY = TWO_LEVELS_SINCE - timedelta(days=1)

_KINDS = {
    "tỉnh": "Province",
    "thành phố": "City",
    "phường": "Ward",
    "xã": "Commune",
    "đặc khu": "Special Zone",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficialList:
    """Places as one list says them.

    ``since`` is the day from which it says so; a unit of that day that it doesn't
    name was never one. None for a list of the past, which corrects nothing.
    """

    source: str
    localities: tuple[Locality, ...]
    since: date | None
    shipped: bool = False


def shipped_list() -> OfficialList:
    """Return the list that ships."""
    divisions = json.loads(vietnam_provinces.NESTED_DIVISIONS_JSON_PATH.read_bytes())
    places = []
    for top in divisions:
        code = f"{top['code']:02d}"
        kind = top["division_type"].removesuffix(" trung ương")
        places.append(_top(code, *_named(top["name"], kind)))
        places += [
            _unit(
                f"{unit['code']:05d}",
                *_named(unit["name"], unit["division_type"]),
                code,
            )
            for unit in top["wards"]
        ]
    return OfficialList(
        source=f"vietnam-provinces {vietnam_provinces.__version__}",
        localities=tuple(places),
        since=TWO_LEVELS_SINCE,
        shipped=True,
    )


def read_list(
    content: bytes, *, name: str, since: date = TWO_LEVELS_SINCE
) -> OfficialList:
    """Return an operator's list in one of the two shapes.

    ``since`` is the day from which a present list is true; its units begin on it
    unless one says otherwise (``ValidFrom``). A list with districts is of the time
    before ``TWO_LEVELS_SINCE``, and its units ended then.

    Raises:
        FederationError: ``INPUT_UNREADABLE`` when it has neither shape.
    """
    try:
        tops = json.loads(content)
        past = any("District" in top for top in tops)
        places = tuple(_past(tops) if past else _present(tops, since))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(name, str(error)) from error
    if not places:
        raise _unreadable(name, "0")
    return OfficialList(source=name, localities=places, since=None if past else since)


def _unreadable(name: str, detail: str) -> FederationError:
    return FederationError(
        ErrorCode.INPUT_UNREADABLE,
        f"Không đọc được danh mục hành chính trong tệp “{name}”. Cần JSON gồm các tỉnh "
        "(Code, FullName, FullNameEn) với Wards, hoặc District và Ward.",
        f"“{name}” holds no list of localities. Expected JSON with provinces (Code, "
        "FullName, FullNameEn) that have Wards, or District and Ward.",
        {"file": name, "detail": detail},
    )


def _present(tops: list[Mapping[str, Any]], since: date) -> Iterator[Locality]:
    for top in tops:
        code = top["Code"]
        yield _top(code, top["FullName"], top["FullNameEn"])
        for unit in top["Wards"]:
            begin = date.fromisoformat(unit.get("ValidFrom", since.isoformat()))
            yield _unit(unit["Code"], unit["FullName"], unit["FullNameEn"], code, begin)


def _past(tops: list[Mapping[str, Any]]) -> Iterator[Locality]:
    for top in tops:
        for district in top["District"]:
            yield _former(district, "district", top["Code"])
            for commune in district.get("Ward") or ():
                yield _former(commune, "commune", district["Code"])


def _former(unit: Mapping[str, Any], level: str, parent: str) -> Locality:
    return Locality(
        id=unit["Code"],
        code=unit["Code"],
        name_vi=_clean(unit["FullName"]),
        name_en=_clean(unit["FullNameEn"]),
        level=level,
        parent=parent,
        valid_to=_LAST_DISTRICT_DAY,
    )


def _top(code: str, name_vi: str, name_en: str) -> Locality:
    return Locality(
        id=code,
        code=code,
        name_vi=_clean(name_vi),
        name_en=_clean(name_en),
        level="province",
        parent=WHOLE.id,
    )


def _unit(
    code: str,
    name_vi: str,
    name_en: str,
    parent: str,
    since: date = TWO_LEVELS_SINCE,
) -> Locality:
    return Locality(
        id=locality_id(code, since),
        code=code,
        name_vi=_clean(name_vi),
        name_en=_clean(name_en),
        level="commune",
        parent=parent,
        valid_from=since,
    )


def _clean(name: str) -> str:
    """Return a name with single spaces and a capital first letter."""
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", name)).strip()
    return text[:1].upper() + text[1:]


def _named(name: str, kind: str) -> tuple[str, str]:
    """Return the full name of a unit of the shipped list in both languages."""
    bare = _clean(name)
    if bare.casefold().startswith(kind + " "):
        bare = bare[len(kind) + 1 :]
    full = f"{kind[:1].upper()}{kind[1:]} {bare}"
    return full, f"{without_marks(bare)} {_KINDS[kind]}"


def without_marks(text: str) -> str:
    """Return Vietnamese text in plain Latin letters."""
    plain = text.replace("đ", "d").replace("Đ", "D")
    decomposed = unicodedata.normalize("NFD", plain)
    return "".join(c for c in decomposed if not unicodedata.combining(c))
