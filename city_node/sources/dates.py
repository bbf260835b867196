"""Reading months, days and moments out of cells and headings."""

import re
from datetime import UTC, date, datetime

from city_node.sources.headings import words
from city_node.sources.tables import Cell
from federation.errors import ErrorCode, FederationError

_MONTH_OF_YEAR = re.compile(r"\bthang (\d{1,2}) (?:nam )?(\d{4})\b")
_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})(?:-\d{1,2})?")
_YEARS = range(1900, 2101)


def month_in(heading: str) -> date | None:
    """Return the first day of "tháng 11 năm 2024" in a heading, if it names one."""
    found = _MONTH_OF_YEAR.search(words(heading))
    return first_of_month(int(found[2]), int(found[1])) if found else None


def first_of_month(year: int, month: int) -> date | None:
    """Return the first day of a month, or None where there is no such month."""
    return date(year, month, 1) if year in _YEARS and month in range(1, 13) else None


def read_month(cell: Cell) -> date:
    """Return the first day of a month written as 2024-11 or as a day of it.

    Raises:
        FederationError: ``INPUT_ROW`` for another form.
    """
    if isinstance(cell, date):
        return date(cell.year, cell.month, 1)
    found = _ISO_MONTH.fullmatch(str(cell).strip())
    month = first_of_month(int(found[1]), int(found[2])) if found else None
    if month is None:
        raise _no_time(cell, "2024-11")
    return month


def read_day(cell: Cell) -> date:
    """Return a day written as 2026-05-21 (ISO 8601) or given as a date.

    Raises:
        FederationError: ``INPUT_ROW`` for another form.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    try:
        return date.fromisoformat(str(cell).strip())
    except ValueError as error:
        raise _no_time(cell, "2026-05-21") from error


def read_moment(cell: Cell) -> datetime:
    """Return a moment in UTC; a text without offset is refused, never guessed.

    Raises:
        FederationError: ``INPUT_ROW`` for another form, or a time without offset.
    """
    try:
        moment = datetime.fromisoformat(str(cell).strip())
    except ValueError as error:
        raise _no_time(cell, "2026-05-21T09:07:03+00:00") from error
    if moment.tzinfo is None:
        raise _no_time(cell, "2026-05-21T09:07:03+00:00")
    return moment.astimezone(UTC)


def _no_time(cell: Cell, form: str) -> FederationError:
    text = str(cell)[:60]
    return FederationError(
        ErrorCode.INPUT_ROW,
        f"“{text}” không phải là thời gian hợp lệ. Hãy viết theo dạng {form}.",
        f"“{text}” is not a valid time. Write it as {form}.",
        {"value": text},
    )
