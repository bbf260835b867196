"""Reads a template that came back: rows by their key, columns by their headings."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

from city_node.contract import (
    Accepted,
    Flag,
    InputFile,
    Place,
    ReadContext,
    ReadItem,
    Rejected,
    Skipped,
    Subsystem,
)
from city_node.sources.decoding import unreadable
from city_node.sources.headings import words
from city_node.sources.numbers import (
    NONE_OCCURRED,
    NumberForm,
    form_of,
    read_number,
)
from city_node.sources.tables import (
    Cell,
    Grid,
    TableRow,
    find_headings,
    table_rows,
    text_of,
)
from city_node.templates.figures import WITHDRAWN, not_owed, typed_record
from city_node.templates.finding import first_mark, marked_sheet
from city_node.templates.form import (
    FORM,
    Mark,
    RowKey,
    asks_of,
    calendar_of,
    can_be_typed,
    contract_of,
    key_in,
    parts_of,
)
from city_node.templates.formulas import NO_RESULT, of_formula
from city_node.templates.headings import (
    DENOMINATOR,
    KEY,
    NOTE,
    NUMERATOR,
    READ,
    VALUE,
    Heading,
)
from city_node.templates.owing import owes_for, owing_agencies
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Indicator, Measure, Text
from federation.model.period import Calendar, days_of

NOTE_LENGTH_MAX = 1000
"""A longer note is cut."""

BLANK = "blank"
"""Reason of ``Skipped``: nothing was typed, so nothing was reported."""

AMBIGUOUS_NUMBER = "ambiguous-number"
"""Code of the flag on ``1.234``: a thousand and more, or one and a bit."""

_NO_ACTIVITY = frozenset(
    ("khong phat sinh", "no activity", "none occurred", "kps", "khong co phat sinh")
)
_WITHDRAW = frozenset(("xoa", "delete", "withdraw", "rut"))
_COLUMNS = {heading.name: (heading.shown,) for heading in READ}
_EITHER_FORM = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_ROUNDING_MAX = Fraction(1, 10**6)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sheet:
    mark: Mark
    grid: Grid
    rows: Sequence[TableRow]
    columns: Mapping[str, int]
    forms: Mapping[str, NumberForm]

    def formula(self, row: TableRow, heading: Heading) -> bool | None:
        """Return whether a formula's result is stored; None where there is none."""
        return self.grid.formulas.get((row.place.row, self.columns[heading.name]))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Typed:
    """What a person typed into one row."""

    value: str
    denominator: str | None
    flags: tuple[Flag, ...]


class TemplateReader:
    """Reads the templates of one subsystem."""

    id = "template"
    title = Text(
        vi="Mẫu nhập số liệu tải từ hệ thống (.xlsx, .csv)",
        en="Template downloaded from this system (.xlsx, .csv)",
    )

    def __init__(self, subsystem: Subsystem) -> None:
        """Read for a subsystem."""
        self._subsystem = subsystem
        self._indicators = {
            measured.indicator.id: measured.indicator
            for measured in subsystem.indicators
            if can_be_typed(measured)
        }

    def recognises(self, file: InputFile) -> bool:
        """Return whether the file says that it is a template of this subsystem."""
        try:
            mark = first_mark(file)
        except FederationError:
            return False
        return mark is not None and mark.subsystem == self._subsystem.id

    def read(self, file: InputFile, context: ReadContext) -> Iterator[ReadItem]:
        """Yield what was typed, row by row; rows left blank are passed over.

        Raises:
            FederationError: ``INPUT_UNREADABLE`` for a template of another form, or
                one whose headings or period can't be used.
        """
        sheet = _sheet(file)
        for row in sheet.rows:
            try:
                item = self._item(sheet, row, context)
            except FederationError as error:
                column = str(error.where.get("column", ""))
                yield Rejected(
                    place=replace(row.place, column=column),
                    text_vi=error.text_vi,
                    text_en=error.text_en,
                )
            else:
                if item is not None:
                    yield item

    def _item(
        self, sheet: _Sheet, row: TableRow, context: ReadContext
    ) -> ReadItem | None:
        typed = any(
            text_of(row.cells[each.name]) or sheet.formula(row, each) is not None
            for each in (VALUE, NUMERATOR, DENOMINATOR)
        )
        if not row.text(KEY.name):
            if typed:
                raise _no_key()
            return None
        if not typed:
            return _blank(row.place)
        key = key_in(row.text(KEY.name))
        if key is None:
            raise _no_key()
        indicator = self._indicator(key, sheet.mark)
        if key.locality not in context.owned:
            return _of_others(row.place, key.locality)
        calendar = calendar_of(self._subsystem, indicator)
        _check_period(indicator, calendar, sheet.mark, context.now)
        self._check_owed(indicator, key, sheet.mark, context)
        said = _read(indicator, sheet, row)
        record = typed_record(
            sheet.mark,
            key,
            value=said.value,
            denominator=said.denominator,
            as_of=_as_of(indicator, calendar, sheet.mark),
            note=row.text(NOTE.name)[:NOTE_LENGTH_MAX],
        )
        return Accepted(record=record, place=row.place, flags=said.flags)

    def _indicator(self, key: RowKey, mark: Mark) -> Indicator:
        indicator = self._indicators.get(key.indicator)
        if indicator is None:
            raise _refused(
                f"Chỉ tiêu “{key.indicator}” không còn nhập bằng mẫu. Hãy tải mẫu mới.",
                f"The indicator “{key.indicator}” is no longer typed into a template. "
                "Download a new one.",
            )
        if contract_of(indicator) != key.contract:
            raise _refused(
                f"Định nghĩa chỉ tiêu “{indicator.name.vi}” (đơn vị, cách tính) đã "
                "thay đổi từ khi tải mẫu. Hãy tải mẫu mới và nhập lại.",
                f"The definition of “{indicator.name.en}” (unit, rules) changed since "
                "the template was made. Download a new one and type again.",
            )
        if indicator.frequency is not mark.period.frequency:
            raise _refused(
                f"“{indicator.name.vi}” không báo cáo theo kỳ {mark.period.text}. Hãy "
                "tải mẫu của đúng kỳ.",
                f"“{indicator.name.en}” is not reported for {mark.period.text}. "
                "Download the template of the right period.",
            )
        return indicator

    def _check_owed(
        self, indicator: Indicator, key: RowKey, mark: Mark, context: ReadContext
    ) -> None:
        agencies = owing_agencies(self._subsystem, indicator)
        if mark.agency not in agencies:
            raise not_owed(indicator, mark.agency, agencies)
        place = context.localities.get(key.locality)
        days = days_of(mark.period, calendar_of(self._subsystem, indicator))
        if place is None or not asks_of(indicator, place, days):
            raise _refused(
                f"“{indicator.name.vi}” không báo cáo cho địa bàn {key.locality} trong "
                f"kỳ {mark.period.text}; khóa của dòng đã bị sửa. Hãy tải mẫu mới.",
                f"“{indicator.name.en}” is not reported for {key.locality} in "
                f"{mark.period.text}: the key of the row was changed. Download a new "
                "template.",
            )
        if key.breakdown not in parts_of(indicator):
            part = key.breakdown[:60]
            raise _refused(
                f"“{indicator.name.vi}” không có phân tổ “{part}”; khóa của dòng đã bị "
                "sửa. Hãy tải mẫu mới.",
                f"“{indicator.name.en}” has no part “{part}”: the key of the row was "
                "changed. Download a new template.",
            )
        if not owes_for(
            self._subsystem, indicator, mark.agency, place, context.localities
        ):
            raise _refused(
                f"{mark.agency} không phải báo cáo “{indicator.name.vi}” cho địa bàn "
                f"{place.name_vi}.",
                f"{mark.agency} does not owe “{indicator.name.en}” for "
                f"{place.name_en}.",
            )


def _sheet(file: InputFile) -> _Sheet:
    found = marked_sheet(file)
    if found is None:
        raise unreadable(
            file.name,
            "không phải mẫu nhập số liệu của hệ thống. Hãy tải mẫu và nhập lại",
            "not a template of this system. Download one and type into it",
        )
    mark, grid = found
    if mark.form != FORM:
        raise unreadable(
            file.name,
            f"mẫu kiểu {mark.form}; phiên bản này đọc {FORM}. Hãy tải mẫu mới",
            f"a template of the form {mark.form}; this release reads {FORM}. Download "
            "a new one",
        )
    headings, rows = find_headings(grid, _COLUMNS), table_rows(grid, _COLUMNS)
    if headings is None or rows is None:
        names = ", ".join(f"“{heading.shown}”" for heading in READ)
        raise unreadable(
            file.name,
            f"dòng tiêu đề đã bị sửa. Cần các cột: {names}. Hãy tải mẫu mới",
            f"the row of headings was changed. Needed are: {names}. Download a new "
            "template",
        )
    table = list(rows)
    return _Sheet(
        mark=mark,
        grid=grid,
        rows=table,
        columns=headings[1],
        forms={
            heading.name: form_of(
                (row.cells[heading.name] for row in table), NumberForm.VIETNAMESE
            )
            for heading in (VALUE, NUMERATOR, DENOMINATOR)
        },
    )


def _read(indicator: Indicator, sheet: _Sheet, row: TableRow) -> _Typed:
    """Return what was typed into a row, in the columns of its measure."""
    ratio = indicator.measure is Measure.RATIO
    wrong = (VALUE,) if ratio else (NUMERATOR, DENOMINATOR)
    for heading in wrong:
        if row.text(heading.name):
            raise _wrong_column(indicator, heading)
    if not ratio:
        value, flags = _number(indicator, VALUE, sheet, row)
        return _Typed(value=value, denominator=None, flags=flags)
    above, doubts = _number(indicator, NUMERATOR, sheet, row)
    if above in (WITHDRAWN, NONE_OCCURRED) and not row.text(DENOMINATOR.name):
        return _Typed(
            value=above,
            denominator=None if above == WITHDRAWN else NONE_OCCURRED,
            flags=doubts,
        )
    below, more = _number(indicator, DENOMINATOR, sheet, row)
    return _Typed(value=above, denominator=below, flags=doubts + more)


def _number(
    indicator: Indicator, heading: Heading, sheet: _Sheet, row: TableRow
) -> tuple[str, tuple[Flag, ...]]:
    """Return a typed number, ``NONE_OCCURRED`` or ``WITHDRAWN``, and doubts on it."""
    cell: Cell = row.cells[heading.name]
    stored = sheet.formula(row, heading)
    if stored is False:
        raise _in_column(heading, NO_RESULT.vi, NO_RESULT.en)
    word = words(text_of(cell))
    if word in _NO_ACTIVITY:
        return NONE_OCCURRED, ()
    if word in _WITHDRAW:
        return WITHDRAWN, ()
    form = sheet.forms[heading.name]
    try:
        number = read_number(cell, form)
    except FederationError as error:
        raise _in_column(heading, error.text_vi, error.text_en) from error
    if number is None:
        raise _in_column(
            heading,
            f"“{text_of(cell)[:20]}” không phải số liệu. Chưa có số thì để trống; "
            "không phát sinh thì ghi “-”.",
            f"“{text_of(cell)[:20]}” is no figure. Leave the cell blank where there is "
            "none yet; type “-” where nothing occurred.",
        )
    if number == NONE_OCCURRED:
        return number, ()
    _check_digits(indicator, heading, number)
    doubts = _doubts(cell, number, row.place, heading)
    return number, (*doubts, of_formula(row.place, heading)) if stored else doubts


def _check_digits(indicator: Indicator, heading: Heading, number: str) -> None:
    """Refuse decimals that the indicator has no room for; binary dust is no decimal."""
    scaled = Fraction(number) * 10**indicator.scale
    if abs(scaled - round(scaled)) > _ROUNDING_MAX:
        raise _in_column(
            heading,
            f"“{number}” có quá nhiều chữ số thập phân; {indicator.name.vi} nhận "
            f"{indicator.scale} chữ số.",
            f"“{number}” has too many decimals; {indicator.name.en} takes "
            f"{indicator.scale}.",
        )


def _doubts(
    cell: Cell, number: str, place: Place, heading: Heading
) -> tuple[Flag, ...]:
    if not isinstance(cell, str) or not _EITHER_FORM.fullmatch(cell.strip()):
        return ()
    return (
        Flag(
            code=AMBIGUOUS_NUMBER,
            text_vi=f"“{cell.strip()}” được hiểu là {number}. Nếu sai, hãy ghi số "
            "không có dấu phân cách hàng nghìn.",
            text_en=f"“{cell.strip()}” was taken for {number}. If that is wrong, type "
            "the number without separators.",
            place=replace(place, column=heading.shown),
        ),
    )


def _as_of(indicator: Indicator, calendar: Calendar, mark: Mark) -> date | None:
    """Return the day of a stock that was asked for before its period was over."""
    first, end = days_of(mark.period, calendar)
    asked_within = first <= mark.made_on < end
    return mark.made_on if indicator.measure is Measure.LAST and asked_within else None


def _check_period(
    indicator: Indicator, calendar: Calendar, mark: Mark, now: datetime
) -> None:
    if mark.period.begins_at(calendar) > now:
        raise _refused(
            f"Kỳ {mark.period.text} chưa bắt đầu.",
            f"The period {mark.period.text} has not begun.",
        )
    whole = indicator.measure not in (Measure.LAST, Measure.PUBLISHED)
    if whole and mark.period.ends_at(calendar) > now:
        raise _refused(
            f"Kỳ {mark.period.text} chưa kết thúc nên chưa có số của cả kỳ. Hãy gửi "
            "lại khi hết kỳ.",
            f"The period {mark.period.text} is not over, so there is no figure of the "
            "whole of it. Send it again when it is.",
        )


def _blank(place: Place) -> Skipped:
    return Skipped(
        place=place,
        reason=BLANK,
        text_vi="Để trống: chưa báo cáo.",
        text_en="Left blank: not reported.",
    )


def _of_others(place: Place, locality: str) -> Skipped:
    return Skipped(
        place=place,
        reason="not-our-locality",
        text_vi=f"Nút này không đại diện cho địa bàn {locality}.",
        text_en=f"This node does not speak for {locality}.",
    )


def _no_key() -> FederationError:
    return _refused(
        "Dòng không có khóa (cột ẩn đầu tiên) nên không biết là chỉ tiêu nào. Hãy "
        "tải mẫu mới và nhập vào đúng dòng.",
        "The row has no key (the hidden first column), so nobody can tell which "
        "figure it is. Download a new template and type into its rows.",
    )


def _wrong_column(indicator: Indicator, heading: Heading) -> FederationError:
    if indicator.measure is Measure.RATIO:
        return _in_column(
            heading,
            f"{indicator.name.vi} là tỷ lệ: hãy nhập tử số và mẫu số, không nhập "
            "giá trị tỷ lệ.",
            f"{indicator.name.en} is a ratio: type numerator and denominator, not the "
            "ratio.",
        )
    return _in_column(
        heading,
        f"{indicator.name.vi} không phải tỷ lệ: hãy nhập vào cột “{VALUE.text.vi}”.",
        f"{indicator.name.en} is no ratio: type into the column “{VALUE.text.en}”.",
    )


def _in_column(heading: Heading, text_vi: str, text_en: str) -> FederationError:
    return FederationError(
        ErrorCode.INPUT_ROW,
        f"Cột “{heading.text.vi}”: {text_vi}",
        f"Column “{heading.text.en}”: {text_en}",
        {"column": heading.shown},
    )


def _refused(text_vi: str, text_en: str) -> FederationError:
    return FederationError(ErrorCode.INPUT_ROW, text_vi, text_en)
