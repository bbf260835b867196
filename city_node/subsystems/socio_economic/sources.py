"""Readers of the statistics office's publications about provinces.

What their tables mean is written in ``mappings``: headings, periods, units, checks.
Two publications state the same facts: the monthly workbook and the flattened series of
public investment. Which province a line is about is read from its name, for the
provinces that this node speaks for.
"""

from city_node.contract import FileReader, SourceInfo
from city_node.sources.mapped import load_mappings, load_readers
from city_node.subsystems.socio_economic.records import SUBSYSTEM_ID
from city_node.subsystems.socio_economic.simulate import SIMULATED_SOURCE
from city_node.subsystems.socio_economic.words import STATISTICS_OFFICE, TEXTS

MAPPINGS = load_mappings("city_node.subsystems.socio_economic")
READERS: tuple[FileReader, ...] = load_readers(SUBSYSTEM_ID, MAPPINGS, TEXTS)


def _published(name: str) -> SourceInfo:
    return SourceInfo(
        id=name, name=TEXTS[f"source.{name}"], publisher=STATISTICS_OFFICE
    )


SOURCES: tuple[SourceInfo, ...] = (
    *map(_published, dict.fromkeys(mapping.source for mapping in MAPPINGS)),
    SIMULATED_SOURCE,
)
