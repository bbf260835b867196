"""Readers of the statistics office's publications about provinces.

Two publications state the same facts: the monthly workbook and the flattened series
of public investment. Both are read by their headings; which province a line is about
is read from its name, for the provinces that this node speaks for.
"""

from city_node.contract import FileReader, SourceInfo
from city_node.subsystems.socio_economic.investment_series import (
    SERIES_SOURCE,
    InvestmentSeriesReader,
)
from city_node.subsystems.socio_economic.monthly_tables import (
    TABLES_SOURCE,
    MonthlyTablesReader,
)
from city_node.subsystems.socio_economic.simulate import SIMULATED_SOURCE

SOURCES: tuple[SourceInfo, ...] = (TABLES_SOURCE, SERIES_SOURCE, SIMULATED_SOURCE)
READERS: tuple[FileReader, ...] = (MonthlyTablesReader(), InvestmentSeriesReader())
