"""Telling what a file is, before anybody reads it."""

from collections.abc import Iterable, Mapping

from city_node.contract import InputFile
from city_node.sources.tables import read_delimited, table_rows
from city_node.sources.workbook import looks_like_workbook
from federation.errors import FederationError


def has_columns(file: InputFile, wanted: Mapping[str, Iterable[str]]) -> bool:
    """Return whether a delimited file has the wanted columns, or can't be read at all.

    A file that can't be read is claimed, so that reading it says why.
    """
    if looks_like_workbook(file):
        return False
    try:
        return table_rows(read_delimited(file), wanted) is not None
    except FederationError:
        return True
