"""Where figures of schools come from; the tables are read by ``mappings``."""

from city_node.contract import FileReader, SourceInfo
from city_node.sources.mapped import load_readers
from city_node.subsystems.education.records import MAPPINGS, SUBSYSTEM_ID
from city_node.subsystems.education.words import STATISTICS_OFFICE, TEXTS

SOURCES: tuple[SourceInfo, ...] = tuple(
    SourceInfo(id=name, name=TEXTS[f"source.{name}"], publisher=STATISTICS_OFFICE)
    for name in ("annual_pupils", "annual_graduation")
)
READERS: tuple[FileReader, ...] = load_readers(SUBSYSTEM_ID, MAPPINGS, TEXTS)
