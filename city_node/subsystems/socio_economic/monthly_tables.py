"""The statistics office's monthly workbook: investment and foreign investment."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

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
from city_node.sources.decoding import unreadable
from city_node.sources.numbers import read_number
from city_node.sources.places import (
    CONTROL_TOTAL,
    other_locality,
    owned_by_name,
    plain_name,
    rejected,
)
from city_node.sources.tables import Grid, GridRow
from city_node.sources.workbook import looks_like_workbook, read_workbook
from city_node.subsystems.socio_economic.layout import (
    FOREIGN_TITLE,
    INVESTMENT_TITLE,
    InvestmentColumns,
    SheetTable,
    find_table,
    foreign_columns,
    investment_columns,
    month_to_date,
    number_cell,
)
from city_node.subsystems.socio_economic.records import (
    ForeignInvestmentToDate,
    InvestmentMonth,
    record_of,
)
from city_node.subsystems.socio_economic.units import (
    TO_BILLION_VND,
    TO_MILLION_USD,
    factor_of,
)
from city_node.subsystems.socio_economic.words import STATISTICS_OFFICE, TEXTS
from federation.errors import FederationError
from federation.model.locality import Locality
from federation.model.status import Provenance

TABLES_SOURCE = SourceInfo(
    id="monthly_tables",
    name=TEXTS["source.monthly_tables"],
    publisher=STATISTICS_OFFICE,
)
OTHER_TABLE = "other-table"
"""Reason of ``Skipped``: a table of the same title that is not monthly."""

_FOREIGN_FIELDS = ("projects", "newly_registered", "adjusted")


class MonthlyTablesReader:
    """Reads realised investment and foreign investment out of a monthly workbook.

    An owned province that a table of provinces doesn't list is missing, not zero.
    """

    id = "monthly_tables"
    title = TEXTS["reader.monthly_tables"]

    def recognises(self, file: InputFile) -> bool:
        """Return whether a workbook has one of the tables, or can't be opened."""
        if not looks_like_workbook(file):
            return False
        try:
            return any(True for grid in read_workbook(file) if _is_ours(grid))
        except FederationError:
            # Told when it is read: nobody else could say more about it.
            return True

    def read(self, file: InputFile, context: ReadContext) -> Iterator[ReadItem]:
        """Yield what the workbook says about the owned provinces.

        Raises:
            FederationError: ``INPUT_UNREADABLE`` when the workbook can't be opened
                or has none of the tables.
        """
        provinces = owned_by_name(context, "province")
        found = False
        for grid in read_workbook(file):
            investment = find_table(grid, INVESTMENT_TITLE)
            foreign = find_table(grid, FOREIGN_TITLE)
            if investment is not None:
                found = True
                yield from _investment(investment, provinces)
            elif foreign is not None and _is_foreign(foreign):
                found = True
                yield from _foreign(foreign, provinces)
        if not found:
            raise unreadable(
                file.name,
                "không có bảng “Vốn đầu tư thực hiện từ nguồn ngân sách Nhà nước” "
                "hoặc “Đầu tư nước ngoài”. Hãy gửi đúng bộ biểu thống kê tháng",
                "has no table “Vốn đầu tư thực hiện từ nguồn ngân sách Nhà nước” or "
                "“Đầu tư nước ngoài”. Send the monthly statistical tables",
            )


def _is_ours(grid: Grid) -> bool:
    if find_table(grid, INVESTMENT_TITLE) is not None:
        return True
    foreign = find_table(grid, FOREIGN_TITLE)
    return foreign is not None and _is_foreign(foreign)


def _is_foreign(table: SheetTable) -> bool:
    return {"newly_registered", "adjusted"} <= foreign_columns(table).keys()


def _investment(
    table: SheetTable, provinces: dict[str, Locality]
) -> Iterator[ReadItem]:
    found = investment_columns(table)
    if found is None:
        yield Skipped(
            place=table.grid.place(),
            reason=OTHER_TABLE,
            text_vi="Bảng không theo tháng (ví dụ theo quý): không dùng.",
            text_en="The table is not monthly (it may be quarterly): not used.",
        )
        return
    refusal = _refusal(table, TO_BILLION_VND)
    if refusal is not None:
        yield refusal
        return
    scope = f"monthly-tables:investment:{found.month:%Y-%m}"
    for place, row, locality in _rows(table, provinces):
        if isinstance(place, Skipped):
            yield place
        elif locality is not None:
            try:
                statement = _investment_month(table, found, row, locality)
            except FederationError as error:
                yield rejected(place, error)
                continue
            record = record_of(
                statement,
                source=TABLES_SOURCE.id,
                scope=scope,
                provenance=Provenance.FILE,
            )
            yield Accepted(record=record, place=place, inferred=row is None)


def _investment_month(
    table: SheetTable,
    found: InvestmentColumns,
    row: GridRow | None,
    locality: Locality,
) -> InvestmentMonth:
    values = _values(row, found.columns)
    to_date = values.get("year_to_date")
    if to_date is None and found.month.month == 1:
        to_date = values.get("estimate") or values.get("realised")
    previous = found.previous_month
    return InvestmentMonth(
        locality=locality.id,
        month=f"{found.month:%Y-%m}",
        unit=table.unit,
        estimate=values.get("estimate"),
        realised=values.get("realised"),
        previous_month=f"{previous:%Y-%m}" if previous else None,
        previous_realised=values.get("previous_realised"),
        year_to_date=to_date,
        plan=values.get("plan"),
        percent_of_plan=values.get("percent_of_plan"),
        year_on_year_index=values.get("year_on_year_index"),
    )


def _foreign(table: SheetTable, provinces: dict[str, Locality]) -> Iterator[ReadItem]:
    month = month_to_date(table.title)
    if month is None:
        yield Rejected(
            place=table.grid.place(row=1),
            text_vi="Tiêu đề không ghi “từ 01/01 - ngày/tháng/năm”. Hãy bổ sung.",
            text_en="The title does not say “từ 01/01 - day/month/year”. Add it.",
        )
        return
    refusal = _refusal(table, TO_MILLION_USD)
    if refusal is not None:
        yield refusal
        return
    columns = foreign_columns(table)
    for place, row, locality in _rows(table, provinces):
        if isinstance(place, Skipped):
            yield place
        elif locality is not None:
            try:
                values = _values(row, columns)
            except FederationError as error:
                yield rejected(place, error)
                continue
            statement = ForeignInvestmentToDate(
                locality=locality.id,
                month=f"{month:%Y-%m}",
                unit=table.unit,
                **{name: values.get(name) for name in _FOREIGN_FIELDS},
            )
            record = record_of(
                statement,
                source=TABLES_SOURCE.id,
                scope=f"monthly-tables:foreign-investment:{month:%Y-%m}",
                provenance=Provenance.FILE,
            )
            yield Accepted(record=record, place=place, inferred=row is None)


def _refusal(table: SheetTable, factors: Mapping[str, Fraction]) -> Rejected | None:
    """Return the item that refuses a whole table, or None."""
    try:
        factor_of(table.unit, factors)
    except FederationError as error:
        return rejected(table.grid.place(row=1), error)
    if not table.names_provinces:
        return Rejected(
            place=table.grid.place(),
            text_vi="Không thấy phần “Phân theo một số tỉnh, thành phố”.",
            text_en="The section of provinces (“Phân theo …”) is not there.",
        )
    return None


def _rows(
    table: SheetTable, provinces: dict[str, Locality]
) -> Iterator[tuple[Place | Skipped, GridRow | None, Locality | None]]:
    """Yield each line: skipped, or an owned province; then those not listed."""
    listed = set()
    for row, label, is_province in table.province_rows():
        place = table.grid.place(row.number)
        locality = provinces.get(plain_name(label)) if is_province else None
        if locality is not None:
            listed.add(locality.id)
            yield place, row, locality
        elif is_province:
            yield other_locality(place, label), None, None
        else:
            yield control_total(place, label), None, None
    for locality in provinces.values():
        if locality.id not in listed:
            yield table.grid.place(), None, locality


def control_total(place: Place, label: str) -> Skipped:
    """Return the item for a total or a part that is no place."""
    return Skipped(
        place=place,
        reason=CONTROL_TOTAL,
        text_vi=f"“{label}” là số tổng hoặc không phải địa phương: không cộng.",
        text_en=f"“{label}” is a total or no place: never added.",
    )


def _values(row: GridRow | None, columns: Mapping[str, int]) -> dict[str, str | None]:
    if row is None:
        return {}
    return {
        name: read_number(number_cell(row, column)) for name, column in columns.items()
    }
