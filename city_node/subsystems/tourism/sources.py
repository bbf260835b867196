"""Where figures of tourism come from; the tables are read by ``mappings``."""

from city_node.contract import FileReader, SourceInfo
from city_node.sources.mapped import load_readers
from city_node.subsystems.tourism.records import MAPPINGS, SUBSYSTEM_ID
from city_node.subsystems.tourism.words import STATISTICS_OFFICE, TEXTS

SOURCES: tuple[SourceInfo, ...] = (
    SourceInfo(
        id="annual_travel_turnover",
        name=TEXTS["source.annual_travel_turnover"],
        publisher=STATISTICS_OFFICE,
    ),
)
READERS: tuple[FileReader, ...] = load_readers(SUBSYSTEM_ID, MAPPINGS, TEXTS)
