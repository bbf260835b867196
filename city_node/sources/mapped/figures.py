"""From the cells of one row to figures: read, completed, ready to be checked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from city_node.contract import Flag, NotUsed, Place
from city_node.sources.mapped.columns import ColumnMeaning
from city_node.sources.mapped.form import ColumnRule, TableMapping
from city_node.sources.numbers import (
    NONE_OCCURRED,
    NumberForm,
    is_missing_mark,
    read_number,
)
from city_node.sources.tables import Cell, Grid, GridRow, text_of
from federation.errors import ErrorCode, FederationError
from federation.model.locality import Locality
from federation.model.period import Period

NO_INDICATOR = "no-indicator"
"""Reason of ``NotUsed``: a column or a table that no indicator takes."""

ONLY_CHECKED = "only-checked"
"""Reason of ``NotUsed``: a column that others are checked against."""

FORMULA = "formula"
"""Code of a flag: the figure is what a formula last came to."""

Amount = str | None
"""A figure as a record holds it: a decimal, ``NONE_OCCURRED``, None where missing."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class GroupKey:
    """What the figures of one record have in common."""

    period: Period
    breakdown: str = ""
    status: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedCell:
    """A cell that can't be read, and the error that says why."""

    place: Place
    error: FederationError


@dataclass(kw_only=True)
class RowFigures:
    """What one row says about one place, by record; ``refused`` groups don't land."""

    place: Place
    locality: Locality
    period: Period
    amounts: dict[GroupKey, dict[str, Amount]] = field(default_factory=dict)
    periods: dict[str, Period] = field(default_factory=dict)
    flags: dict[GroupKey, list[Flag]] = field(default_factory=dict)
    refused: dict[GroupKey, RefusedCell] = field(default_factory=dict)

    def flag(self, key: GroupKey, flag: Flag) -> None:
        """Doubt the record of a group."""
        self.flags.setdefault(key, []).append(flag)

    def refuse(self, key: GroupKey, place: Place, error: FederationError) -> None:
        """Refuse the record of a group; the first reason stands."""
        self.refused.setdefault(key, RefusedCell(place=place, error=error))


def read_figures(
    mapping: TableMapping,
    grid: Grid,
    row: GridRow,
    columns: Sequence[ColumnMeaning],
    form: NumberForm,
    factors: Mapping[int, Fraction],
    figures: RowFigures,
) -> None:
    """Read the cells of a row into its figures; a wrong cell refuses its record.

    ``factors`` are those of columns whose heading states another unit.
    """
    for meaning in columns:
        rule = meaning.rule
        if rule is None:
            continue
        key = group_of(mapping, meaning, figures.period)
        amounts = figures.amounts.setdefault(key, {})
        place = grid.place(row.number, meaning.letter)
        if rule.period_field:
            figures.periods[rule.period_field] = meaning.period or figures.period
        try:
            factor = factors.get(meaning.column)
            amounts[rule.field] = _amount(rule, meaning, row, form, factor)
        except FederationError as error:
            figures.refuse(key, place, error)
            continue
        stored = grid.formulas.get((row.number, meaning.column))
        if stored is False:
            figures.refuse(key, place, _formula_without_result(meaning))
        elif stored:
            figures.flag(key, _formula(place, meaning))
    _fill(mapping, figures)


def group_of(mapping: TableMapping, meaning: ColumnMeaning, period: Period) -> GroupKey:
    """Return the record that a column's figures belong to."""
    rule = meaning.rule
    if not mapping.has_status or rule is None:
        return GroupKey(period=period, breakdown=rule.breakdown if rule else "")
    return GroupKey(
        period=meaning.period or period,
        breakdown=rule.breakdown,
        status=meaning.status,
    )


def not_used(
    grid: Grid, row: GridRow, columns: Sequence[ColumnMeaning]
) -> Iterator[NotUsed]:
    """Yield the cells of an owned row that say something nobody asks for."""
    for meaning in columns:
        reason = meaning.unused
        if reason is None or meaning.column >= len(row.cells):
            continue
        cell = row.cells[meaning.column]
        if text_of(cell) == "" or is_missing_mark(cell):
            continue
        yield NotUsed(
            place=grid.place(row.number, meaning.letter),
            reason=NO_INDICATOR,
            text_vi=f"“{meaning.heading}”: {reason.vi}",
            text_en=f"“{meaning.heading}”: {reason.en}",
        )


def number_of(amount: Amount) -> Decimal | None:
    """Return a figure as a number: none occurred is zero, missing is None."""
    if amount is None:
        return None
    return Decimal(0) if amount == NONE_OCCURRED else Decimal(amount)


def plain(number: Decimal) -> str:
    """Return a number without exponent and without zeros that say nothing."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _amount(
    rule: ColumnRule,
    meaning: ColumnMeaning,
    row: GridRow,
    form: NumberForm,
    factor: Fraction | None,
) -> Amount:
    cell: Cell = row.cells[meaning.column] if meaning.column < len(row.cells) else ""
    amount = read_number(cell, form)
    if amount is None or amount == NONE_OCCURRED:
        return amount
    number = Decimal(amount) + rule.plus
    if factor is not None:
        # Factors between units of one family are powers of ten: nothing is rounded.
        number = number * factor.numerator / factor.denominator
    if number < 0 and not rule.negative:
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"“{meaning.heading}” là {amount}: không thể âm. Hãy kiểm tra ô này.",
            f"“{meaning.heading}” is {amount}: it can't be below zero. Check the cell.",
            {"value": amount},
        )
    return plain(number)


def _fill(mapping: TableMapping, figures: RowFigures) -> None:
    for rule in mapping.fills:
        for key, amounts in figures.amounts.items():
            if rule.only_in_month not in (0, key.period.first_day.month):
                continue
            if amounts.get(rule.field) is None:
                amounts[rule.field] = next(
                    (
                        amounts[name]
                        for name in rule.sources
                        if amounts.get(name) is not None
                    ),
                    None,
                )


def _formula(place: Place, meaning: ColumnMeaning) -> Flag:
    return Flag(
        code=FORMULA,
        text_vi=(
            f"“{meaning.heading}” là công thức; lấy kết quả đã lưu trong tệp. Nếu tệp "
            "chưa tính lại, hãy mở, lưu rồi nạp lại."
        ),
        text_en=(
            f"“{meaning.heading}” is a formula; its stored result is taken. If it was "
            "not worked out anew, open the file, save it and feed it again."
        ),
        place=place,
    )


def _formula_without_result(meaning: ColumnMeaning) -> FederationError:
    return FederationError(
        ErrorCode.INPUT_ROW,
        f"“{meaning.heading}” là công thức chưa có kết quả. Hãy mở tệp bằng phần mềm "
        "bảng tính, lưu lại rồi nạp.",
        f"“{meaning.heading}” is a formula without a stored result. Open the file in a "
        "spreadsheet program, save it and feed it again.",
        {"heading": meaning.heading},
    )
