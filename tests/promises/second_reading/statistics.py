"""The statistics office's tables about the province, cell by cell."""

import csv
import io
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import openpyxl

from tests.promises.second_reading.cells import (
    Cell,
    Fate,
    Figure,
    is_nghe_an,
    lines_of,
    number_in,
    status_of,
)

PROVINCE = "40"
ESTIMATE = "vintage=estimate"

INVESTMENT = "socio_economic.investment_realised"
AGAINST_PLAN = "socio_economic.investment_against_plan"
PLAN_PUBLISHED = "socio_economic.investment_against_plan_published"
YEAR_ON_YEAR = "socio_economic.investment_year_on_year"
FDI_NEW = "socio_economic.fdi_new"
FDI_ADJUSTED = "socio_economic.fdi_adjusted"
FDI_PROJECTS = "socio_economic.fdi_projects_new"
LABOUR = "socio_economic.industrial_labour_index"
TOTAL_DIFFERS = "total-differs"
CONTRADICTION = "contradiction"
TO_DATE = "year to date: no plan to divide it by in its report"
GROWTH = "growth by the month: no indicator"


Figures = tuple[Figure, ...]

_BEDS = {
    "Total": "",
    "Hospital": "facility=hospital",
    "Regional polyclinic": "facility=polyclinic",
    "Sanatorium and rehabilitation hospital": "facility=sanatorium",
    "Medical service unit": "facility=medical_service_unit",
}
_PUPILS = {
    "Total": "",
    "Primary": "grade=primary",
    "Lower secondary": "grade=lower_secondary",
    "Upper secondary": "grade=upper_secondary",
}
_COLLECTED = "Total of collected solid waste"


def _yearly(
    indicator: str,
    period: str,
    number: Fraction | None,
    certain: str = "normal",
    **other: str,
) -> Figure:
    return Figure(
        indicator=indicator,
        locality=PROVINCE,
        period=period,
        number=number,
        status=status_of(number, certain),
        breakdown=other.get("breakdown", ""),
        part=other.get("part", "value"),
    )


def _beds(heading: str, number: Fraction | None) -> Figures:
    year, _, part = heading.partition(" ")
    return (_yearly("health.beds", year, number, breakdown=_BEDS[part]),)


def _pupils(heading: str, number: Fraction | None) -> Figures:
    year, _, part = heading.partition(" ")
    school_year = f"{year}-{int(year) + 1}"
    return (_yearly("education.pupils", school_year, number, breakdown=_PUPILS[part]),)


def _waste(heading: str, number: Fraction | None) -> Figures:
    year, _, part = heading.partition(" ")
    rate = "environment.waste_treated"
    if part != _COLLECTED:
        return (_yearly(rate, year, number, part="numerator"),)
    return (
        _yearly("environment.waste_collected", year, number),
        _yearly(rate, year, number, part="denominator"),
    )


def _one_a_year(indicator: str, heading: str, number: Fraction | None) -> Figures:
    """Return the figure of a column that is a year, or a provisional one."""
    certain = "provisional" if heading.startswith("Pre. ") else "normal"
    return (_yearly(indicator, heading.removeprefix("Pre. "), number, certain),)


def _graduation(heading: str, number: Fraction | None) -> Figures:
    return _one_a_year("education.graduation_published", heading, number)


def _poverty(heading: str, number: Fraction | None) -> Figures:
    return _one_a_year("socio_economic.poverty_published", heading, number)


def _turnover(heading: str, number: Fraction | None) -> Figures:
    return _one_a_year("tourism.travel_agency_turnover", heading, number)


_ANNUAL = {
    "patient_beds_by_province.csv": _beds,
    "pupils_by_province.csv": _pupils,
    "graduates_percent_by_province.csv": _graduation,
    "poverty_rate_by_province.csv": _poverty,
    "travel_turnover_by_province.csv": _turnover,
    "solid_waste_by_province.csv": _waste,
}


def annual(data: Path) -> Iterator[Cell]:
    """Yield the cells of the yearbook's tables."""
    for path in sorted((data / "statistics_annual").glob("*.csv")):
        text = path.read_text(encoding="utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))
        headings = next(row for row in rows if row and row[0].startswith("Cities"))
        for at, row in enumerate(rows, 1):
            if not row or not is_nghe_an(row[0]):
                continue
            where = f"row {at}"
            yield Cell(file=path.name, place=where, text=row[0], fate=Fate.KEY)
            said = dict(zip(headings[1:], row[1:], strict=True))
            for heading, text in said.items():
                doubted = _differs_from_parts(heading, said)
                yield Cell(
                    file=path.name,
                    place=f"{where}, {heading}",
                    text=text,
                    fate=Fate.FLAGGED if doubted else Fate.LANDED,
                    reason=TOTAL_DIFFERS if doubted else "",
                    figures=_ANNUAL[path.name](heading, number_in(text)),
                )


def _differs_from_parts(heading: str, said: Mapping[str, str]) -> bool:
    """Return whether a column is a total, and other than its year's parts together."""
    year, _, part = heading.partition(" ")
    parts = [
        number_in(text)
        for other, text in said.items()
        if other.startswith(f"{year} ") and other != heading
    ]
    return (
        part == "Total"
        and None not in parts
        and sum(parts, Fraction(0)) != number_in(said[heading])
    )


DECEMBER = "2024-12_tables.xlsx"
JANUARY = "2025-01_tables.xlsx"

# (file, sheet) → column → indicator, period, breakdown, part, status, digits.
_Column = tuple[str, str, str, str, str, int]


def _index(month: str) -> dict[str, _Column]:
    return {
        "B": (LABOUR, month, "base=month_before", "value", "normal", 2),
        "C": (LABOUR, month, "base=year_before", "value", "normal", 2),
    }


_WORKBOOKS: Mapping[tuple[str, str], Mapping[str, _Column]] = {
    (DECEMBER, "16. LĐCN_DP"): _index("2024-12"),
    (JANUARY, "5. LĐCN_DP"): _index("2025-01"),
    (DECEMBER, "23. VĐT NSNN"): {
        "C": (INVESTMENT, "2024-11", "", "value", "normal", 6),
        "D": (INVESTMENT, "2024-12", ESTIMATE, "value", "estimated", 6),
        # The year to date of a December: what the twelve months make.
        "E": (INVESTMENT, "2024", "", "value", "", 6),
        "F": (PLAN_PUBLISHED, "2024-12", "", "value", "estimated", 3),
        "G": (YEAR_ON_YEAR, "2024-12", "", "value", "estimated", 3),
    },
    (JANUARY, "11.vdt"): {
        "C": (AGAINST_PLAN, "2025-01", "", "denominator", "estimated", 6),
        "D": (INVESTMENT, "2025-01", ESTIMATE, "value", "estimated", 6),
        "E": (PLAN_PUBLISHED, "2025-01", "", "value", "estimated", 3),
        "F": (YEAR_ON_YEAR, "2025-01", "", "value", "estimated", 3),
    },
    (DECEMBER, "25. FDI"): {
        "C": (FDI_PROJECTS, "2024-12", "", "value", "normal", 0),
        "D": (FDI_NEW, "2024-12", "", "value", "normal", 6),
        "E": (FDI_ADJUSTED, "2024-12", "", "value", "normal", 6),
    },
}


def workbooks(data: Path) -> Iterator[Cell]:
    """Yield the cells of rows named Nghệ An, in whatever sheet they stand."""
    for path in sorted((data / "statistics_monthly").glob("*.xlsx")):
        book = openpyxl.load_workbook(path, data_only=True, read_only=True)
        for sheet in book:
            for row in sheet.iter_rows():
                cells = [cell for cell in row if cell.value is not None]
                if not any(is_nghe_an(cell.value) for cell in cells):
                    continue
                columns = _WORKBOOKS[path.name, sheet.title]
                for cell in cells:
                    place = f"{sheet.title} {cell.coordinate}"
                    if is_nghe_an(cell.value):
                        yield Cell(
                            file=path.name,
                            place=place,
                            text=str(cell.value),
                            fate=Fate.KEY,
                        )
                        continue
                    yield Cell(
                        file=path.name,
                        place=place,
                        text=str(cell.value),
                        fate=Fate.LANDED,
                        figures=(_of_column(columns[cell.column_letter], cell.value),),
                    )
        book.close()


def _of_column(column: _Column, value: float) -> Figure:
    indicator, period, breakdown, part, status, digits = column
    return Figure(
        indicator=indicator,
        locality=PROVINCE,
        period=period,
        number=Fraction(repr(value)),
        status=status,
        breakdown=breakdown,
        part=part,
        digits=digits,
    )


SERIES = "public_investment_to_2025-01.csv"
_SERIES_KEYS = {"", "Phân Loại", "Date", "Month", "PreMonth", "PreYearMonth"}
# The month whose report states a plan: its year to date is divided by it.
_PLANNED = "2025-01"


def series(data: Path) -> Iterator[Cell]:
    """Yield the cells of the series' lines about Nghệ An."""
    path = data / "statistics_monthly" / SERIES
    lines = dict(enumerate(lines_of(path), 2))
    ours = {at: line for at, line in lines.items() if is_nghe_an(line["Phân Loại"])}
    confirmed = {
        line["PreMonth"] for line in ours.values() if line["Total-Pre-Month"].strip()
    }
    for at, line in ours.items():
        for column, text in line.items():
            yield _series_cell(f"row {at}, {column}", column, text, line, confirmed)


def _series_cell(
    place: str, column: str, text: str, line: dict[str, str], confirmed: set[str]
) -> Cell:
    def cell(fate: Fate, reason: str = "", *figures: Figure) -> Cell:
        return Cell(
            file=SERIES,
            place=place,
            text=text,
            fate=fate,
            reason=reason,
            figures=figures,
        )

    if column in _SERIES_KEYS:
        return cell(Fate.KEY)
    if not text.strip():
        return cell(Fate.EMPTY)
    month = line["Month"]
    only_repeats = line["Total-M"] == line["E-Total-M"] and month not in confirmed
    figures = {
        "Total-Pre-Month": (INVESTMENT, line["PreMonth"], "", "normal", 6),
        "E-Total-M": (INVESTMENT, month, ESTIMATE, "estimated", 6),
        "Total-M": (
            INVESTMENT,
            month,
            "",
            "estimated" if only_repeats else "normal",
            6,
        ),
        "YOP": (PLAN_PUBLISHED, month, "", "estimated", 3),
        "YTD-YOY": (YEAR_ON_YEAR, month, "", "estimated", 3),
    }
    if column in figures:
        indicator, period, breakdown, status, digits = figures[column]
        growth = column == "YTD-YOY"
        figure = Figure(
            indicator=indicator,
            locality=PROVINCE,
            period=period,
            number=Fraction(text) + (100 if growth else 0),
            breakdown=breakdown,
            status=status,
            digits=digits,
        )
        if growth and _contradicted(line):
            return cell(Fate.FLAGGED, CONTRADICTION, figure)
        return cell(Fate.LANDED, "", figure)
    if column == "Total-YOY" and month == _PLANNED:
        numerator = Figure(
            indicator=AGAINST_PLAN,
            locality=PROVINCE,
            period=month,
            number=Fraction(text),
            part="numerator",
            status="estimated",
        )
        return cell(Fate.LANDED, "", numerator)
    return cell(Fate.NOT_USED, TO_DATE if column == "Total-YOY" else GROWTH)


def _contradicted(line: dict[str, str]) -> bool:
    """Return whether the two growths of a January, one fact, go opposite ways."""
    if not line["Month"].endswith("-01") or not line["M-YOY"].strip():
        return False
    return (Fraction(line["YTD-YOY"]) < 0) is not (Fraction(line["M-YOY"]) < 0)
