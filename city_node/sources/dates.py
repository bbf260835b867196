"""Reading months, days and moments out of cells and headings."""

import re
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta

from city_node.sources.headings import words
from city_node.sources.tables import Cell
from federation.errors import ErrorCode, FederationError

_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})(?:-\d{1,2})?")
_LOCAL_MONTH = re.compile(r"(?:thang |t)?(\d{1,2}) (?:nam )?(\d{4})")
_LOCAL_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
# Workbooks count days from here; what lies outside is no day that anybody reports.
_WORKBOOK_DAY_ZERO = date(1899, 12, 30)
_WORKBOOK_DAYS = range(20_000, 73_051)
_YEARS = range(1900, 2101)


def first_of_month(year: int, month: int) -> date | None:
    """Return the first day of a month, or None where there is no such month."""
    return date(year, month, 1) if year in _YEARS and month in range(1, 13) else None


def read_month(cell: Cell) -> date:
    """Return the first day of a month written as 2024-11, 11/2024 or as a day of it.

    Raises:
        FederationError: ``INPUT_ROW`` for another form.
    """
    day = _workbook_day(cell)
    if day is not None:
        return day.replace(day=1)
    text = str(cell).strip()
    month = None
    if found := _ISO_MONTH.fullmatch(text):
        month = first_of_month(int(found[1]), int(found[2]))
    elif found := _LOCAL_MONTH.fullmatch(words(text)):
        month = first_of_month(int(found[2]), int(found[1]))
    elif found := _LOCAL_DAY.fullmatch(text):
        month = first_of_month(int(found[3]), int(found[2]))
    if month is None:
        raise _no_time(cell, "2024-11")
    return month


def read_day(cell: Cell) -> date:
    """Return a day written as 2026-05-21 (ISO 8601), 21/05/2026 or given as a date.

    Raises:
        FederationError: ``INPUT_ROW`` for another form.
    """
    day = _workbook_day(cell)
    if day is not None:
        return day
    text = str(cell).strip()
    found = _LOCAL_DAY.fullmatch(text)
    try:
        if found:
            return date(int(found[3]), int(found[2]), int(found[1]))
        return date.fromisoformat(text)
    except ValueError as error:
        raise _no_time(cell, "2026-05-21") from error


def _workbook_day(cell: Cell) -> date | None:
    """Return the day of a date cell, or of the number a workbook keeps for one."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and int(cell) in _WORKBOOK_DAYS:
        return _WORKBOOK_DAY_ZERO + timedelta(days=int(cell))
    return None


def read_moment(cell: Cell) -> datetime:
    """Return a moment in UTC; a text without offset is refused, never guessed.

    Raises:
        FederationError: ``INPUT_ROW`` for another form, or a time without offset.
    """
    try:
        moment = datetime.fromisoformat(str(cell).strip())
        if moment.tzinfo is not None and MINYEAR < moment.year < MAXYEAR:
            return moment.astimezone(UTC)
    except ValueError as error:
        raise _no_time(cell, "2026-05-21T09:07:03+00:00") from error
    raise _no_time(cell, "2026-05-21T09:07:03+00:00")


def _no_time(cell: Cell, form: str) -> FederationError:
    text = str(cell)[:60]
    return FederationError(
        ErrorCode.INPUT_ROW,
        f"“{text}” không phải là thời gian hợp lệ. Hãy viết theo dạng {form}.",
        f"“{text}” is not a valid time. Write it as {form}.",
        {"value": text},
    )
