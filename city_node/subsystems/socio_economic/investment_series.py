"""The flattened series of public investment: one line per place and month.

Columns: ``E-Total-M`` estimate of the month, ``Total-Pre-Month`` realised in the
month before, ``Total-M`` realised in the month as a later report gave it,
``Total-YOY`` year to date, ``YOP`` per cent of plan, ``YTD-YOY`` growth of the year
to date, ``M-YOY`` growth of the month, in billion VND and per cent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from city_node.contract import (
    Accepted,
    InputFile,
    Place,
    ReadContext,
    ReadItem,
    Rejected,
    Skipped,
    SourceInfo,
)
from city_node.sources.dates import read_day, read_month
from city_node.sources.headings import words
from city_node.sources.numbers import NONE_OCCURRED, NumberForm, form_of, read_number
from city_node.sources.places import (
    other_locality,
    owned_by_name,
    plain_name,
    rejected,
)
from city_node.sources.recognising import has_columns
from city_node.sources.tables import TableRow, cut_off, table_of
from city_node.subsystems.socio_economic.monthly_tables import control_total
from city_node.subsystems.socio_economic.records import InvestmentMonth, record_of
from city_node.subsystems.socio_economic.units import BILLION_VND
from city_node.subsystems.socio_economic.words import STATISTICS_OFFICE, TEXTS
from city_node.subsystems.statements import begin_of
from federation.errors import FederationError
from federation.model.locality import Locality
from federation.model.status import Provenance

SERIES_SOURCE = SourceInfo(
    id="public_investment_series",
    name=TEXTS["source.public_investment_series"],
    publisher=STATISTICS_OFFICE,
)
CONTRADICTION = "contradiction"
"""Reason of ``Skipped``: a figure that contradicts a published one; not used."""

_NUMBERS = {
    "estimate": ("E-Total-M",),
    "realised": ("Total-M",),
    "previous_realised": ("Total-Pre-Month",),
    "year_to_date": ("Total-YOY",),
    "percent_of_plan": ("YOP",),
    "year_on_year_growth": ("YTD-YOY",),
    "month_growth": ("M-YOY",),
}
_COLUMNS = {
    "name": ("Phân Loại", "Tỉnh, thành phố", "Địa phương"),
    "month": ("Month", "Tháng"),
    "previous_month": ("PreMonth",),
    "published": ("Date", "Ngày"),
    **_NUMBERS,
}
_CONTROL_PREFIXES = ("tong so", "trung uong", "dia phuong", "bo ", "von ", "cac ")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    row: TableRow
    locality: Locality
    month: date
    numbers: Mapping[str, str | None]


class InvestmentSeriesReader:
    """Reads the flattened series; a month that stops listing a province is missing.

    December's "realised" column repeats the estimate, because the report that would
    state it gives January only: what nothing confirms stays an estimate.
    """

    id = "public_investment_series"
    title = TEXTS["reader.public_investment_series"]

    def recognises(self, file: InputFile) -> bool:
        """Return whether a delimited file has the columns of the series."""
        return has_columns(file, _COLUMNS)

    def read(self, file: InputFile, context: ReadContext) -> Iterator[ReadItem]:
        """Yield what the series says about the owned provinces, oldest month first.

        Raises:
            FederationError: ``INPUT_UNREADABLE`` when the file can't be read or has
                other columns.
        """
        table = list(table_of(file, _COLUMNS))
        form = form_of(
            (row.cells[name] for row in table for name in _NUMBERS), NumberForm.ENGLISH
        )
        provinces = owned_by_name(context, "province")
        lines: list[_Line] = []
        whole = True
        for row in table:
            read = _read_line(row, provinces, form)
            if isinstance(read, _Line):
                lines.append(read)
            else:
                # A refused line is not a province that was left out.
                whole = whole and not isinstance(read, Rejected)
                yield read
        items = list(_accepted(lines))
        if whole:
            items += _not_listed(lines, _months(table), provinces)
        yield from sorted(items, key=_report_order)


def _read_line(
    row: TableRow, provinces: Mapping[str, Locality], form: NumberForm
) -> _Line | Rejected | Skipped:
    name = row.text("name")
    locality = provinces.get(plain_name(name))
    if locality is None:
        folded = f"{words(name)} "
        if folded.startswith(_CONTROL_PREFIXES):
            return control_total(row.place, name)
        return other_locality(row.place, name)
    if not row.complete:
        return rejected(row.place, cut_off(row.place))
    try:
        numbers = {name: read_number(row.cells[name], form) for name in _NUMBERS}
        month = read_month(row.cells["month"])
    except FederationError as error:
        return rejected(row.place, error)
    return _Line(row=row, locality=locality, month=month, numbers=numbers)


def _months(table: list[TableRow]) -> dict[date, Place]:
    """Return the months that lines speak of, each with the place of its first line."""
    months: dict[date, Place] = {}
    for row in table:
        try:
            months.setdefault(read_month(row.cells["month"]), row.place)
        except FederationError:
            continue  # a line without a month covers none
    return months


def _report_order(item: ReadItem) -> tuple[str, int]:
    month = item.record.fields["month"] if isinstance(item, Accepted) else ""
    return month, item.place.row


def _accepted(lines: list[_Line]) -> Iterator[ReadItem]:
    confirmed = {
        (line.locality.id, line.row.text("previous_month"))
        for line in lines
        if line.numbers["previous_realised"] is not None
    }
    for line in sorted(lines, key=lambda line: (line.month, line.locality.id)):
        month = f"{line.month:%Y-%m}"
        contradiction = _contradiction(line)
        if contradiction is not None:
            yield contradiction
        numbers = dict(line.numbers)
        del numbers["month_growth"]
        repeats = numbers["realised"] == numbers["estimate"]
        if repeats and (line.locality.id, month) not in confirmed:
            numbers["realised"] = None
        try:
            published = _published(line.row)
            previous = f"{read_month(line.row.cells['previous_month']):%Y-%m}"
        except FederationError as error:
            yield rejected(line.row.place, error)
            continue
        statement = InvestmentMonth(
            locality=line.locality.id,
            month=month,
            unit=BILLION_VND,
            previous_month=previous,
            **numbers,
        )
        record = record_of(
            statement,
            source=SERIES_SOURCE.id,
            scope=f"public-investment:{month}",
            provenance=Provenance.FILE,
            published_at=published,
        )
        yield Accepted(record=record, place=line.row.place)


def _published(row: TableRow) -> datetime:
    return begin_of(read_day(row.cells["published"]))


def _contradiction(line: _Line) -> Skipped | None:
    """Return the item for a January whose two growths go opposite ways.

    In January the month and the year to date are one interval.
    """
    published = line.numbers["year_on_year_growth"]
    other = line.numbers["month_growth"]
    if line.month.month != 1 or None in (published, other):
        return None
    if NONE_OCCURRED in (published, other):
        return None
    if Decimal(str(published)) * Decimal(str(other)) >= 0:
        return None
    return Skipped(
        place=line.row.place,
        reason=CONTRADICTION,
        text_vi=(
            f"Tăng trưởng tháng (M-YOY) {other} % trái chiều với số đã công bố "
            f"(YTD-YOY) {published} %: dùng số đã công bố. Hãy hỏi nơi phát hành."
        ),
        text_en=(
            f"The month's growth (M-YOY) of {other} % contradicts the published one "
            f"(YTD-YOY) of {published} %: the published one is used. Ask the publisher."
        ),
    )


def _not_listed(
    lines: list[_Line],
    months: Mapping[date, Place],
    provinces: Mapping[str, Locality],
) -> Iterator[ReadItem]:
    """Yield a missing statement for each month since the first that leaves one out."""
    for locality in provinces.values():
        listed = {line.month for line in lines if line.locality.id == locality.id}
        for month in sorted(months):
            if not listed or month < min(listed) or month in listed:
                continue
            before = date.fromordinal(month.toordinal() - 1)
            statement = InvestmentMonth(
                locality=locality.id,
                month=f"{month:%Y-%m}",
                unit=BILLION_VND,
                previous_month=f"{before:%Y-%m}",
            )
            record = record_of(
                statement,
                source=SERIES_SOURCE.id,
                scope=f"public-investment:{month:%Y-%m}",
                provenance=Provenance.FILE,
            )
            yield Accepted(record=record, place=months[month], inferred=True)
