"""The files of places an operator names, imported when a program starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from federation.errors import ErrorCode, FederationError
from federation.localities.areas import read_areas
from federation.localities.graph import LocalityGraph
from federation.localities.lists import read_list, shipped_list
from federation.localities.store import (
    Imported,
    Transaction,
    import_areas,
    import_list,
    import_successions,
    load_graph,
)
from federation.localities.successions import read_successions, shipped_successions


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedPlaces:
    """All places there are now.

    ``affected_from`` is the first day on which a place has other parts than it had
    before the import; None where none has.
    """

    graph: LocalityGraph
    affected_from: date | None


async def import_places(
    handle: Transaction,
    *,
    lists: Sequence[Path],
    areas: Sequence[Path],
    changed_at: datetime,
) -> ImportedPlaces:
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
    shipped = shipped_list()
    newer = [read_list(_content(path), name=path.name) for path in lists]
    done: list[Imported] = [
        await import_list(handle, official, changed_at=changed_at)
        for official in (shipped, *newer)
    ]
    files = {path.name: _content(path) for path in areas}
    for name, content in files.items():
        places = read_areas(content, name=name)
        done.append(
            await import_areas(handle, places, source=name, changed_at=changed_at)
        )
    told = [(shipped.source, shipped_successions())]
    told += [(name, read_successions(files[name], name=name)) for name in files]
    for source, successions in told:
        await import_successions(
            handle, successions, source=source, changed_at=changed_at
        )
    days = [each.affected_from for each in done if each.affected_from is not None]
    return ImportedPlaces(
        graph=await load_graph(handle), affected_from=min(days, default=None)
    )


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
