"""Finding the tables of a mapping in a grid, with all that headings tell of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from city_node.contract import Rejected
from city_node.sources.headings import is_vietnamese, words
from city_node.sources.limits import HEADING_ROWS_MAX
from city_node.sources.mapped.columns import (
    ColumnMeaning,
    ColumnsFound,
    find_meanings,
    heading_position,
    list_meanings,
)
from city_node.sources.mapped.form import Layout, PeriodFrom, TableMapping
from city_node.sources.mapped.layout import (
    Block,
    DataRow,
    IsPlace,
    Line,
    find_blocks,
)
from city_node.sources.mapped.unit import UnitFound, find_unit
from city_node.sources.numbers import NumberForm, form_of, may_be_either
from city_node.sources.places import rejected
from city_node.sources.tables import Cell, Grid
from federation.errors import FederationError
from federation.model.indicator import Text

_CONTINUED = ("tiep theo", "continued", "cont")


@dataclass(frozen=True, kw_only=True, slots=True)
class TableFound:
    """A table of a grid that a mapping reads, or refuses (``refusal``).

    ``keys`` are the columns of a list that say place, period and day of publication.
    ``form_doubted``: its numbers could be read in the other form as well.
    """

    mapping: TableMapping
    grid: Grid
    title: str
    title_row: int
    columns: ColumnsFound
    unit: UnitFound
    form: NumberForm
    body: tuple[DataRow | Line, ...]
    keys: dict[str, int]
    form_doubted: bool = False
    refusal: Rejected | None = None

    @property
    def goes_on(self) -> bool:
        """Return whether the title says that the table began above."""
        return any(f" {each} " in f" {words(self.title)} " for each in _CONTINUED)

    @property
    def names(self) -> dict[str, str]:
        """Return what the table calls each field."""
        names: dict[str, str] = {}
        for meaning in self.columns.used:
            if meaning.rule is not None:
                names.setdefault(meaning.rule.field, meaning.heading)
        return names


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherTable:
    """A table of a mapping's title that lacks its columns."""

    grid: Grid
    title: str
    title_row: int


def find_tables(
    mapping: TableMapping, grid: Grid, is_place: IsPlace
) -> Iterator[TableFound | OtherTable]:
    """Yield the tables of a grid that have a mapping's title or columns."""
    if mapping.layout is Layout.LIST:
        found = _find_list(mapping, grid)
        if found is not None:
            yield found
        return
    for block in find_blocks(
        grid, mapping.title, is_place, fill_right=mapping.fill_right
    ):
        columns = find_meanings(mapping, block.headings, block.title)
        if _has_needed(mapping, columns):
            yield _cross(mapping, block, columns)
        else:
            yield OtherTable(grid=grid, title=block.title, title_row=block.title_row)


def _has_needed(mapping: TableMapping, columns: ColumnsFound) -> bool:
    needed = [rule.field for rule in mapping.columns if rule.required]
    return (
        bool(columns.used)
        and (not mapping.needs_any or columns.has(mapping.needs_any))
        and all(columns.has([name]) for name in needed)
    )


def _cross(mapping: TableMapping, block: Block, columns: ColumnsFound) -> TableFound:
    unit, refusal = UnitFound(), _refused_columns(mapping, block, columns)
    if refusal is None:
        try:
            unit = find_unit(mapping, block.stated_unit, block.title, columns.used)
        except FederationError as error:
            refusal = rejected(block.grid.place(block.title_row), error)
    form, doubted = _form(mapping, columns.used, block.body)
    return TableFound(
        mapping=mapping,
        grid=block.grid,
        title=block.title,
        title_row=block.title_row,
        columns=columns,
        unit=unit,
        form=form,
        form_doubted=doubted,
        body=block.body,
        keys={},
        refusal=refusal,
    )


def _refused_columns(
    mapping: TableMapping, block: Block, columns: ColumnsFound
) -> Rejected | None:
    place = block.grid.place(block.title_row)
    if columns.alike:
        first, second = columns.alike[0]
        return Rejected(
            place=block.grid.place(block.title_row, f"{first.letter}, {second.letter}"),
            text_vi=f"Hai cột cùng nghĩa: “{first.heading}” và “{second.heading}”. Hãy "
            "ghi rõ tiêu đề hoặc bỏ một cột.",
            text_en=f"Two columns mean the same: “{first.heading}” and "
            f"“{second.heading}”. Make the headings plain or remove one column.",
        )
    if mapping.period.said_in is PeriodFrom.TITLE and columns.period is None:
        return Rejected(
            place=place,
            text_vi="Tiêu đề không ghi kỳ số liệu (ví dụ “từ 01/01 - ngày/tháng/năm”, "
            "“tháng 5 năm 2025”). Hãy bổ sung.",
            text_en="The title names no period (such as “từ 01/01 - day/month/year”, "
            "“tháng 5 năm 2025”). Add it.",
        )
    if mapping.period.said_in is PeriodFrom.HEADINGS and columns.period is None:
        return Rejected(
            place=place,
            text_vi="Tiêu đề các cột không ghi kỳ số liệu. Hãy bổ sung tháng, năm.",
            text_en="The headings name no period. Add month and year.",
        )
    if not any(isinstance(each, DataRow) for each in block.body):
        return Rejected(
            place=place,
            text_vi="Bảng không có dòng số liệu nào. Hãy xuất lại tệp.",
            text_en="The table has no row of figures. Export the file again.",
        )
    return None


def _form(
    mapping: TableMapping,
    columns: tuple[ColumnMeaning, ...],
    body: tuple[DataRow | Line, ...],
) -> tuple[NumberForm, bool]:
    """Return how a table writes decimals, and whether that is a guess.

    Told by its unambiguous numbers; else by the mapping; else by its language, which
    is doubted where a number would be another in the other form.
    """

    def cells() -> Iterator[Cell]:
        for each in body:
            for meaning in columns:
                if isinstance(each, DataRow) and meaning.column < len(each.row.cells):
                    yield each.row.cells[meaning.column]

    if mapping.decimals:
        return form_of(cells(), NumberForm(mapping.decimals)), False
    spoken = [meaning.heading for meaning in columns]
    spoken += [each.label for each in body if isinstance(each, DataRow)]
    vietnamese = any(is_vietnamese(text) for text in spoken)
    guess = NumberForm.VIETNAMESE if vietnamese else NumberForm.ENGLISH
    other = NumberForm.ENGLISH if vietnamese else NumberForm.VIETNAMESE
    told = form_of(cells(), guess) is form_of(cells(), other)
    doubted = not told and any(may_be_either(cell) for cell in cells())
    return form_of(cells(), guess), doubted


def _find_list(mapping: TableMapping, grid: Grid) -> TableFound | None:
    for position, row in enumerate(grid.rows[:HEADING_ROWS_MAX]):
        keys = _keys(mapping, row.texts)
        if keys is None:
            continue
        columns = list_meanings(
            mapping,
            [
                "" if column in keys.values() else text
                for column, text in enumerate(row.texts)
            ],
        )
        if not _has_needed(mapping, columns):
            continue
        body = tuple(
            DataRow(
                row=below, label=below.text(keys["place"]), label_column=keys["place"]
            )
            for below in grid.rows[position + 1 :]
        )
        unit, refusal = UnitFound(), None
        try:
            unit = find_unit(mapping, "", "", columns.used)
        except FederationError as error:
            refusal = rejected(grid.place(row.number), error)
        form, doubted = _form(mapping, columns.used, body)
        return TableFound(
            mapping=mapping,
            grid=grid,
            title="",
            title_row=row.number,
            columns=columns,
            unit=unit,
            form=form,
            form_doubted=doubted,
            body=body,
            keys=keys,
            refusal=refusal,
        )
    return None


def _keys(mapping: TableMapping, texts: list[str]) -> dict[str, int] | None:
    """Return the columns of place and period (and publication), or None."""
    wanted = {"place": mapping.place.headings, **mapping.period.columns}
    keys: dict[str, int] = {}
    for name, headings in wanted.items():
        position = heading_position(texts, headings)
        if position is None:
            return None
        keys[name] = position
    published = heading_position(texts, mapping.published)
    if published is not None:
        keys["published"] = published
    return keys


def wanted_of(mapping: TableMapping) -> Text:
    """Return what a person must send for a mapping to read it."""
    if mapping.layout is Layout.LIST:
        names = [*mapping.place.headings[:1]]
        names += [headings[0] for headings in mapping.period.columns.values()]
        names += [
            rule.label for rule in mapping.columns if rule.required and rule.label
        ]
        listed = ", ".join(names)
        return Text(vi=f"các cột {listed}", en=f"the columns {listed}")
    return Text(vi=f"bảng “{mapping.label}”", en=f"the table “{mapping.label}”")
