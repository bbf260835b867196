"""Which places of today took over which former ones.

A list of the past names places and not what became of them. That is told by the
statistics office's table of conversion, which newer releases of the package
``vietnam-provinces`` carry, and by an operator's file::

    [[succession]]
    of = ["16663", "16681"]          # ids of former places
    into = ["16681@2025-07-01"]      # who took them over; several: divided among them

A place that went into several is divided, and how its figures divide is not known.
"""

import importlib
import importlib.util
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from federation.errors import ErrorCode, FederationError
from federation.localities.lists import TWO_LEVELS_SINCE
from federation.model.locality import Locality, locality_id

ELSEWHERE = "?"
"""Stands among successors for those that no list names."""

_LAST_DAY_BEFORE = TWO_LEVELS_SINCE - timedelta(days=1)
_TABLE = "vietnam_provinces._ward_conversion_2025"


def shipped_successions() -> dict[str, list[str]]:
    """Return what became of the communes of before 1 July 2025, by their ids.

    Empty where the installed release of the package doesn't tell.
    """
    if importlib.util.find_spec(_TABLE) is None:
        return {}
    return table_of_conversion(importlib.import_module(_TABLE).OLD_TO_NEW.values())


def table_of_conversion(entries: Iterable[Any]) -> dict[str, list[str]]:
    """Return what the package's table says, by ids of former places.

    Where it says that only a part of one went into the places it lists, the rest is
    noted as ``ELSEWHERE``.
    """
    found: dict[str, list[str]] = {}
    for entry in entries:
        into = {
            locality_id(f"{new.code:05d}", TWO_LEVELS_SINCE) for new in entry.new_wards
        }
        if entry.old_ward.is_partly_merged and len(into) == 1:
            into.add(ELSEWHERE)
        found[f"{entry.old_ward.code:05d}"] = sorted(into)
    return found


def read_successions(content: bytes, *, name: str) -> dict[str, list[str]]:
    """Return what became of former places, from an operator's file.

    Raises:
        FederationError: ``CONFIGURATION`` with the file and what is wrong in it.
    """
    try:
        tables = tomllib.loads(content.decode()).get("succession", ())
        return {
            str(former): [str(one) for one in table["into"]]
            for table in tables
            for former in table["of"]
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FederationError(
            ErrorCode.CONFIGURATION,
            f"Mục [[succession]] trong tệp “{name}” sai: {error}. Hãy sửa rồi chạy "
            "lại.",
            f"[[succession]] in the file “{name}” is wrong: {error}. Correct it and "
            "start again.",
            {"file": name},
        ) from error


def with_successions(
    places: Iterable[Locality], successions: Mapping[str, list[str]]
) -> list[Locality]:
    """Return the former places whose successors are told now and were not before."""
    told = []
    for place in places:
        into = tuple(sorted(successions.get(place.id, ())))
        former = place.valid_to is not None and place.valid_to <= _LAST_DAY_BEFORE
        if into and former and into != place.successors:
            told.append(replace(place, successors=into))
    return told
