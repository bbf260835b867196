"""Where figures of health care come from; the tables are read by ``mappings``."""

from city_node.contract import FileReader, SourceInfo
from city_node.sources.mapped import load_readers
from city_node.subsystems.health.records import MAPPINGS, SUBSYSTEM_ID
from city_node.subsystems.health.words import STATISTICS_OFFICE, TEXTS

SOURCES: tuple[SourceInfo, ...] = (
    SourceInfo(
        id="annual_beds",
        name=TEXTS["source.annual_beds"],
        publisher=STATISTICS_OFFICE,
    ),
)
READERS: tuple[FileReader, ...] = load_readers(SUBSYSTEM_ID, MAPPINGS, TEXTS)
