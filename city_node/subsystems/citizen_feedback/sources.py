"""Sources of citizens' reports: a desk that speaks Open311, and the generator."""

from city_node.contract import FileReader, SourceInfo
from city_node.subsystems.citizen_feedback.open311 import OPEN311_SOURCE, Open311Reader
from city_node.subsystems.citizen_feedback.simulate import SIMULATED_SOURCE

SOURCES: tuple[SourceInfo, ...] = (OPEN311_SOURCE, SIMULATED_SOURCE)
READERS: tuple[FileReader, ...] = (Open311Reader(),)
