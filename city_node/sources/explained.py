"""How a reader written by hand understands a delimited file, column by column."""

from collections.abc import Collection, Iterable, Mapping

from city_node.contract import FileReader, InputFile, ReadContext
from city_node.sources.mapped.columns import column_letter
from city_node.sources.tables import Grid, find_headings, read_delimited
from city_node.sources.understanding import (
    ColumnUnderstood,
    SheetUnderstood,
    TableUnderstood,
    Understanding,
)
from city_node.sources.unused import NO_INDICATOR, KnownUnused


def explain_delimited(
    reader: FileReader,
    file: InputFile,
    context: ReadContext,
    *,
    wanted: Mapping[str, Iterable[str]],
    known: Iterable[KnownUnused],
    not_measured: Collection[str] = (),
) -> Understanding:
    """Return what each column is taken for, and what reading the file would give.

    ``wanted`` are the columns that the reader reads, ``not_measured`` those of them
    that it only looks at; ``known`` says why others are not used.

    Raises:
        FederationError: ``INPUT_UNREADABLE`` when the file can't be read.
    """
    grid = read_delimited(file)
    found = find_headings(grid, wanted)
    tables = []
    if found is not None:
        position, columns = found
        used = {
            column: name for name, column in columns.items() if name not in not_measured
        }
        tables.append(
            TableUnderstood(
                mapping=reader.id,
                title=file.name,
                row=grid.rows[position].number,
                columns=_columns(grid, position, used, tuple(known)),
            )
        )
    sheet = SheetUnderstood.of(name="", tables=tables, items=reader.read(file, context))
    return Understanding(
        file=file.name, reader=reader.id, title=reader.title, sheets=(sheet,)
    )


def _columns(
    grid: Grid, position: int, used: Mapping[int, str], known: tuple[KnownUnused, ...]
) -> tuple[ColumnUnderstood, ...]:
    return tuple(
        ColumnUnderstood(
            letter=column_letter(column),
            heading=heading,
            field=used.get(column, ""),
            reason=None
            if column in used
            else next((one.text for one in known if one.fits(heading)), NO_INDICATOR),
        )
        for column, heading in enumerate(grid.rows[position].texts)
    )
