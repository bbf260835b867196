"""Mappings of an operator: another table of a known family, without code.

They stand in a folder of the node's own, ``<subsystem>/<table>.toml``, and go before
those that ship: one of the same ``table`` takes its place. They may say where figures
stand, never what is measured: record kinds, fields and sources are the subsystem's.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from city_node.contract import FileReader, Subsystem
from city_node.sources.mapped.form import TableMapping
from city_node.sources.mapped.loading import parse_mapping
from city_node.sources.mapped.reader import MappedReader
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text


def with_mappings(subsystem: Subsystem, folder: Path | None) -> Subsystem:
    """Return a subsystem that reads an operator's tables, too.

    Raises:
        FederationError: ``CONFIGURATION`` for a mapping that can't be, or that names
            what the subsystem doesn't have; the file and the key.
    """
    if folder is not None and not folder.is_dir():
        raise FederationError(
            ErrorCode.CONFIGURATION,
            f"Thư mục mẫu bảng “{folder}” không có. Hãy tạo thư mục hoặc sửa "
            "“mappings” trong cấu hình.",
            f"The folder of mappings “{folder}” is not there. Make it, or correct "
            "“mappings” in the configuration.",
            {"mappings": str(folder)},
        )
    given = _given(folder / subsystem.id) if folder is not None else []
    for name, mapping in given:
        _check_known(subsystem, name, mapping)
    if not given:
        return subsystem
    mappings = [mapping for _, mapping in given]
    known = {reader.id for reader in subsystem.readers}
    readers = [_joined(reader, mappings) for reader in subsystem.readers]
    added = dict.fromkeys(each.reader for each in mappings if each.reader not in known)
    return replace(
        subsystem,
        readers=(*(_new(subsystem, name, mappings) for name in added), *readers),
    )


def _given(folder: Path) -> list[tuple[str, TableMapping]]:
    if not folder.is_dir():
        return []
    return [
        (path.name, parse_mapping(path.name, path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.toml"))
    ]


def _new(
    subsystem: Subsystem, name: str, mappings: Sequence[TableMapping]
) -> MappedReader:
    own = [mapping for mapping in mappings if mapping.reader == name]
    label = own[0].label or name
    return MappedReader(
        subsystem=subsystem.id, id=name, title=Text(vi=label, en=label), mappings=own
    )


def _joined(reader: FileReader, mappings: Sequence[TableMapping]) -> FileReader:
    own = [mapping for mapping in mappings if mapping.reader == reader.id]
    if not own or not isinstance(reader, MappedReader):
        return reader
    return reader.with_mappings(own)


def _check_known(subsystem: Subsystem, name: str, mapping: TableMapping) -> None:
    sources = {source.id for source in subsystem.sources}
    if mapping.source not in sources:
        raise _unknown(name, "source", mapping.source, sources)
    if mapping.record not in subsystem.record_kinds:
        raise _unknown(name, "record", mapping.record, set(subsystem.record_kinds))
    fields = set(subsystem.record_kinds[mapping.record])
    for field in (mapping.period.field, *mapping.fields):
        if field not in fields:
            raise _unknown(name, "field", field, fields)
    taken = {
        reader.id
        for reader in subsystem.readers
        if not isinstance(reader, MappedReader)
    }
    if mapping.reader in taken:
        raise _unknown(name, "reader", mapping.reader, {mapping.table})


def _unknown(file: str, key: str, value: str, known: set[str]) -> FederationError:
    listed = ", ".join(sorted(known))
    return FederationError(
        ErrorCode.CONFIGURATION,
        f"Ánh xạ {file}: {key} “{value}” không có trong phân hệ. Hãy dùng: {listed}.",
        f"Mapping {file}: the subsystem has no {key} “{value}”. Use: {listed}.",
        {"file": file, "key": key},
    )
