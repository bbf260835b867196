"""The files of places an operator names, imported when a program starts."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from federation.errors import ErrorCode, FederationError
from federation.localities.areas import read_areas
from federation.localities.graph import LocalityGraph
from federation.localities.lists import read_list, shipped_list
from federation.localities.store import (
    Transaction,
    import_areas,
    import_list,
    load_graph,
)


async def import_places(
    handle: Transaction,
    *,
    lists: Sequence[Path],
    areas: Sequence[Path],
    changed_at: datetime,
) -> LocalityGraph:
    """Import the list that ships, then the operator's; return all places there are.

    Args:
        handle: A transaction.
        lists: Official lists (JSON), oldest first.
        areas: Files of areas and dated places (TOML).
        changed_at: The time that changes are recorded with.

    Raises:
        FederationError: A file can't be read (``CONFIGURATION``) or is no list
            (``INPUT_UNREADABLE``).
    """
    await import_list(handle, shipped_list(), changed_at=changed_at)
    for path in lists:
        official = read_list(_content(path), name=path.name)
        await import_list(handle, official, changed_at=changed_at)
    for path in areas:
        places = read_areas(_content(path), name=path.name)
        await import_areas(handle, places, source=path.name, changed_at=changed_at)
    return await load_graph(handle)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FederationError(
            ErrorCode.CONFIGURATION,
            f"Không đọc được tệp địa bàn {path}: {error.strerror}. Sửa mục "
            "“localities” trong cấu hình.",
            f"The file of localities {path} can't be read: {error.strerror}. Correct "
            "“localities” in the configuration.",
            {"file": str(path)},
        ) from error
