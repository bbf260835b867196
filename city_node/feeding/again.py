"""The refused rows of a file of lines, to be corrected and fed again.

Which lines are headings only the file's reader knows; so what is written is tried on
it, and nothing is given out that it would not read as exactly those rows.
"""

import csv
import io
from collections.abc import Sequence

from city_node.contract import Accepted, FileReader, InputFile, ReadContext, Rejected
from city_node.intake.report import IngestReport
from city_node.sources.limits import HEADING_ROWS_MAX
from city_node.sources.tables import GridRow, read_delimited
from city_node.sources.workbook import looks_like_workbook
from federation.errors import FederationError

_BYTE_ORDER_MARK = "\ufeff"


def refused_rows(
    file: InputFile, report: IngestReport, reader: FileReader, context: ReadContext
) -> bytes:
    """Return a file of the headings and the refused rows alone, or nothing.

    Nothing for workbooks, for a report that does not list all of its refused rows,
    and for a file that its reader would then read otherwise.
    """
    numbers = {refused.place.row for refused in report.rejected}
    if looks_like_workbook(file) or 0 in numbers or not numbers:
        return b""
    if len(report.rejected) < report.rejected_count:
        return b""
    try:
        rows = read_delimited(file).rows
    except FederationError:
        return b""
    refused = [row for row in rows if row.number in numbers]
    above = [row for row in rows if row.number < min(numbers)][:HEADING_ROWS_MAX]
    for count in range(1, len(above) + 1):
        content = _written([*above[:count], *refused])
        again = InputFile(name=file.name, content=content)
        if _reads_rows(again, reader, context, len(refused)):
            return content
    return b""


def _written(rows: Sequence[GridRow]) -> bytes:
    width = max(len(row.cells) for row in rows)
    out = io.StringIO(newline="")
    lines = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in rows:
        lines.writerow([*row.texts, *[""] * (width - len(row.cells))])
    return (_BYTE_ORDER_MARK + out.getvalue()).encode()


def _reads_rows(
    file: InputFile, reader: FileReader, context: ReadContext, count: int
) -> bool:
    try:
        if not reader.recognises(file):
            return False
        items = list(reader.read(file, context))
    except FederationError:
        return False
    places = {
        each.place.row
        for each in items
        if isinstance(each, Rejected)
        or (isinstance(each, Accepted) and not each.inferred)
    }
    return len(places) == count
