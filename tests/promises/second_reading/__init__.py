"""The real files read a second way: cell by cell, by what a person sees in them.

Nothing of the product reads here: the csv module and openpyxl give texts, and the
addresses and columns are written down. Every cell of every row that is about Nghệ An
gets exactly one fate; one that has an indicator says which figure it must become.
"""

from collections.abc import Mapping
from pathlib import Path

from tests.promises.second_reading.cells import Cell
from tests.promises.second_reading.measurements import (
    congestion,
    stations,
    wards,
    weather,
)
from tests.promises.second_reading.statistics import annual, series, workbooks


def every_cell(data: Path, ids: Mapping[str, str]) -> list[Cell]:
    """Return every cell about Nghệ An of every file of figures."""
    return [
        *annual(data),
        *workbooks(data),
        *series(data),
        *weather(data),
        *stations(data),
        *wards(data, ids),
        *congestion(data),
    ]
