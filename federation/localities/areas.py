"""An operator's file of areas, and of places whose dates no list tells (TOML).

::

    [[place]]
    id = "412"                       # the code, or code@day-it-began
    level = "district"
    parent = "40"
    name = { vi = "Thành phố Vinh", en = "Vinh City" }
    valid_to = 2024-11-30
    successors = ["412@2024-12-01"]

    [[area]]
    id = "vinh"
    parent = "40"
    name = { vi = "Khu vực Vinh", en = "Vinh area" }
    members = [{ locality = "412", to = 2024-11-30 }]
"""

import tomllib
from collections.abc import Mapping
from typing import Any

from federation.errors import ErrorCode, FederationError
from federation.model.locality import LEVELS, Locality, Member, locality_id


def read_areas(content: bytes, *, name: str) -> tuple[Locality, ...]:
    """Return the places and areas of a file.

    Raises:
        FederationError: ``CONFIGURATION`` with the file and what is wrong in it.
    """
    try:
        document = tomllib.loads(content.decode())
        places = [_place(table) for table in document.get("place", ())]
        areas = [_area(table) for table in document.get("area", ())]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FederationError(
            ErrorCode.CONFIGURATION,
            f"Tệp khu vực “{name}” sai: {error}. Hãy sửa rồi chạy lại.",
            f"The areas file “{name}” is wrong: {error}. Correct it and start again.",
            {"file": name},
        ) from error
    return (*places, *areas)


def _place(table: Mapping[str, Any]) -> Locality:
    code = table["id"].split("@", 1)[0]
    valid_from = table.get("valid_from")
    if table["id"] != locality_id(code, valid_from):
        raise ValueError(f"id “{table['id']}” and valid_from differ")
    if table["level"] not in LEVELS:
        raise ValueError(f"level “{table['level']}” is none of {', '.join(LEVELS)}")
    return Locality(
        id=table["id"],
        code=code,
        name_vi=table["name"]["vi"],
        name_en=table["name"]["en"],
        level=table["level"],
        parent=table.get("parent", ""),
        valid_from=valid_from,
        valid_to=table.get("valid_to"),
        decree=table.get("decree", ""),
        successors=tuple(table.get("successors", ())),
    )


def _area(table: Mapping[str, Any]) -> Locality:
    return Locality(
        id=table["id"],
        code=table["id"],
        name_vi=table["name"]["vi"],
        name_en=table["name"]["en"],
        level="area",
        parent=table.get("parent", ""),
        decree=table.get("decree", ""),
        members=tuple(
            Member(
                locality=member["locality"],
                valid_from=member.get("from"),
                valid_to=member.get("to"),
            )
            for member in table["members"]
        ),
    )
