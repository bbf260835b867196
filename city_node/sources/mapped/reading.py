"""Reads a table that was found: row by row, each with its place and its reasons."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from city_node.contract import NotUsed, Place, ReadItem, Rejected
from city_node.sources.dates import read_day, read_month
from city_node.sources.headings import holds, words
from city_node.sources.mapped.columns import shifted
from city_node.sources.mapped.figures import (
    ONLY_CHECKED,
    RowFigures,
    not_used,
    number_of,
    read_figures,
)
from city_node.sources.mapped.finding import TableFound
from city_node.sources.mapped.landing import landed, missing
from city_node.sources.mapped.layout import DataRow, Line
from city_node.sources.mapped.placing import OwnedPlaces, control_total
from city_node.sources.places import rejected
from city_node.sources.tables import cut_off
from city_node.sources.times import heading_said
from federation.errors import ErrorCode, FederationError
from federation.model.locality import Locality
from federation.model.period import LOCAL, Frequency, Period, period_of_day

_SECTION_MARKS = ("phan theo", "chia theo", "by")
_FOOTNOTE_MARKS = ("ghi chu", "nguon", "note", "notes", "source", "sources")


@dataclass(kw_only=True)
class RowCounts:
    """What the rows of a table were taken for."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str) -> None:
        """Count a row."""
        self.counts[kind] += 1


@dataclass(kw_only=True)
class TableReading:
    """Reads one table; what it learns of rows and listed places stays for later.

    ``listed`` holds the places that each period names, refused rows included: a
    refused row is not a place that was left out.
    """

    subsystem: str
    found: TableFound
    places: OwnedPlaces
    in_places: bool = False
    rows: RowCounts = field(default_factory=RowCounts)
    listed: dict[Period, set[str]] = field(default_factory=dict)
    first_places: dict[Period, Place] = field(default_factory=dict)
    whole: bool = True
    named_section: bool = False

    def read(self) -> Iterator[ReadItem]:
        """Yield what the table says; a refused table yields its reason alone."""
        if self.found.refusal is not None:
            yield self.found.refusal
            return
        if self.found.keys:
            yield from self._read_list()
        else:
            yield from self._read_cross()

    # A table whose rows are places.

    def _read_cross(self) -> Iterator[ReadItem]:
        sections = self.found.mapping.place.sections
        self.in_places = self.in_places or not sections
        items: list[ReadItem] = []
        for each in self.found.body:
            if isinstance(each, Line):
                self._note_line(each)
            else:
                items += self._cross_row(each)
        if sections and not (self.named_section or self.in_places):
            wanted = ", ".join(sections)
            yield Rejected(
                place=self.found.grid.place(self.found.title_row),
                text_vi="Không thấy phần “Phân theo …” của các địa phương "
                f"({wanted}). Hãy gửi đủ bảng.",
                text_en=f"The section of places (“Phân theo …”: {wanted}) is not "
                "there. Send the whole table.",
            )
            return
        yield from items

    def _note_line(self, line: Line) -> None:
        text = words(line.text)
        if line.text.startswith(("(*", "*", "(1", "¹")) or text.startswith(
            _FOOTNOTE_MARKS
        ):
            self.rows.add("footnote")
            return
        self.rows.add("line")
        sections = self.found.mapping.place.sections
        if sections and any(holds(text, mark) for mark in _SECTION_MARKS):
            self.in_places = any(holds(text, each) for each in sections)
            self.named_section = self.named_section or self.in_places

    def _cross_row(self, data: DataRow) -> Iterator[ReadItem]:
        place = self.found.grid.place(data.row.number)
        if not self.in_places:
            self.rows.add("control")
            yield control_total(place, data.label)
            return
        if not self._is_ours(data.label):
            yield self._not_ours(place, data.label)
            return
        if self._is_cut_off(data):
            self.rows.add("refused")
            self.whole = False
            yield rejected(place, cut_off(place))
            return
        periods = self._periods()
        for period in periods:
            locality = self._locality(data.label, place, period)
            if isinstance(locality, Rejected):
                self.rows.add("refused")
                yield locality
                return
            if locality is None:
                yield self._not_ours(place, data.label)
                return
            figures = RowFigures(place=place, locality=locality, period=period)
            yield from self._land(data, figures)
        self.rows.add("owned")
        yield from not_used(self.found.grid, data.row, self.found.columns.columns)
        yield from self._only_checked(data)

    def _is_cut_off(self, data: DataRow) -> bool:
        """Return whether a line of text ends before its table's last column.

        Workbooks leave empty cells out; programs that write lines do not.
        """
        last = max((each.column for each in self.found.columns.used), default=0)
        return not self.found.grid.sheet and len(data.row.cells) <= last

    def _periods(self) -> list[Period]:
        """Return the periods of a table's columns: places are of their time."""
        if self.found.columns.period is not None:
            return [self.found.columns.period]
        return sorted({each.period for each in self.found.columns.used if each.period})

    def _is_ours(self, label: str) -> bool:
        return self.found.mapping.place.by_code or self.places.is_owned(label)

    def _not_ours(self, place: Place, label: str) -> ReadItem:
        item = self.places.not_ours(place, label)
        self.rows.add("control" if item.reason == "control-total" else "other")
        return item

    def _locality(
        self, label: str, place: Place, period: Period
    ) -> Locality | Rejected | None:
        try:
            return self.places.find(label, period)
        except FederationError as error:
            self.whole = False
            return rejected(place, error)

    def _land(self, data: DataRow, figures: RowFigures) -> Iterator[ReadItem]:
        """Read a row for one period; its other columns are of other periods."""
        period = figures.period
        self.listed.setdefault(period, set()).add(figures.locality.id)
        columns = [
            each
            for each in self.found.columns.used
            if not self.found.mapping.has_status or each.period == period
        ]
        read_figures(
            self.found.mapping,
            self.found.grid,
            data.row,
            columns,
            self.found.form,
            self.found.unit.factors,
            figures,
        )
        yield from landed(self.subsystem, self.found, figures)

    def _only_checked(self, data: DataRow) -> Iterator[NotUsed]:
        for meaning in self.found.columns.used:
            control = meaning.rule is not None and meaning.rule.control
            if control and data.row.text(meaning.column):
                yield NotUsed(
                    place=self.found.grid.place(data.row.number, meaning.letter),
                    reason=ONLY_CHECKED,
                    text_vi=f"“{meaning.heading}”: chỉ dùng để đối chiếu.",
                    text_en=f"“{meaning.heading}”: only checked against.",
                )

    # A list: one line for each place and period.

    def _read_list(self) -> Iterator[ReadItem]:
        read: list[tuple[DataRow, RowFigures, datetime | None]] = []
        for each in self.found.body:
            if not isinstance(each, DataRow):
                continue
            place = self.found.grid.place(each.row.number)
            self._note_period(each, place)
            if not self._is_ours(each.label):
                yield self._not_ours(place, each.label)
                continue
            try:
                made = self._line(each, place)
            except FederationError as error:
                self.whole = False
                self.rows.add("refused")
                yield rejected(place, error)
                continue
            if made is None:
                yield self._not_ours(place, each.label)
            else:
                read.append(made)
        self._drop_repeats([figures for _, figures, _ in read])
        for data, figures, published_at in read:
            yield from self._land_line(data, figures, published_at)

    def _note_period(self, data: DataRow, place: Place) -> None:
        try:
            period = self._period_of(data)
        except FederationError:
            return  # a line without a period covers none
        self.listed.setdefault(period, set())
        self.first_places.setdefault(period, place)

    def _line(
        self, data: DataRow, place: Place
    ) -> tuple[DataRow, RowFigures, datetime | None] | None:
        used = [each.column for each in self.found.columns.used]
        if max([*used, *self.found.keys.values()]) >= len(data.row.cells):
            raise cut_off(place)
        period = self._period_of(data)
        locality = self.places.find(data.label, period)
        if locality is None:
            return None
        figures = RowFigures(place=place, locality=locality, period=period)
        read_figures(
            self.found.mapping,
            self.found.grid,
            data.row,
            self.found.columns.used,
            self.found.form,
            self.found.unit.factors,
            figures,
        )
        for rule in (each.rule for each in self.found.columns.used):
            if rule is not None and rule.period_field:
                figures.periods[rule.period_field] = shifted(period, rule.offset)
        return data, figures, self._published(data)

    def _land_line(
        self, data: DataRow, figures: RowFigures, published_at: datetime | None
    ) -> Iterator[ReadItem]:
        self.rows.add("owned")
        self.listed[figures.period].add(figures.locality.id)
        if figures.refused:
            self.whole = False
        yield from landed(
            self.subsystem, self.found, figures, published_at=published_at
        )
        yield from not_used(self.found.grid, data.row, self.found.columns.columns)
        yield from self._only_checked(data)

    def _published(self, data: DataRow) -> datetime | None:
        column = self.found.keys.get("published")
        if column is None or not data.row.text(column):
            return None
        day = read_day(data.row.cells[column])
        return datetime(day.year, day.month, day.day, tzinfo=LOCAL.zone)

    def _period_of(self, data: DataRow) -> Period:
        """Return the period of a line.

        Raises:
            FederationError: ``INPUT_ROW`` when it names none.
        """
        rule, keys = self.found.mapping.period, self.found.keys
        cells = {
            name: data.row.cells[keys[name]] if keys[name] < len(data.row.cells) else ""
            for name in rule.columns
        }
        text = " ".join(data.row.text(keys[name]) for name in rule.columns)
        if "month" in cells:
            text = f"{data.row.text(keys['year'])}-{data.row.text(keys['month'])}"
        said = heading_said(text).time.period(
            rule.frequency, school_year_begins=rule.school_year_begins
        )
        if rule.frequency is Frequency.MONTH:
            cell = text if "month" in cells else cells.get("period", text)
            return period_of_day(Frequency.MONTH, read_month(cell))
        if rule.frequency is Frequency.DAY:
            day = read_day(next(iter(cells.values())))
            return period_of_day(Frequency.DAY, day)
        if said is None:
            raise FederationError(
                ErrorCode.INPUT_ROW,
                f"“{text}” không phải là kỳ số liệu hợp lệ. Hãy sửa dòng này.",
                f"“{text}” is not a valid period. Correct the line.",
                {"value": text},
            )
        return said

    def _drop_repeats(self, lines: list[RowFigures]) -> None:
        """Take back figures that only repeat another and that nothing confirms."""
        for rule in self.found.mapping.repeats:
            confirmed = {
                (line.locality.id, shifted(line.period, -1))
                for line in lines
                for amounts in line.amounts.values()
                if amounts.get(rule.confirmed_by) is not None
            }
            for line in lines:
                if (line.locality.id, line.period) in confirmed:
                    continue
                for amounts in line.amounts.values():
                    stated = number_of(amounts.get(rule.field))
                    if stated == number_of(amounts.get(rule.repeats)):
                        amounts[rule.field] = None

    def left_out(self) -> Iterator[ReadItem]:
        """Yield what is missing of owned places that a list leaves out.

        Only since the place's first line: before, it may never have been listed; and
        only where no line was refused.
        """
        if not (self.found.mapping.place.not_listed_is_missing and self.whole):
            return
        for locality in self.places.all:
            named = [p for p, places in self.listed.items() if locality.id in places]
            for period in sorted(self.listed):
                if named and period >= min(named) and period not in named:
                    yield from missing(
                        self.subsystem,
                        self.found,
                        locality,
                        period,
                        self.first_places[period],
                    )
