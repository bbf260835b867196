"""What the statistics office says about travel agencies of a province.

The record kind is the one that the folder's ``mappings`` make: turnover of one year, in
the money that ``unit`` names.
"""

from collections.abc import Mapping

from city_node.sources.mapped import load_mappings, record_kinds

SUBSYSTEM_ID = "tourism"
TRAVEL_AGENCIES_OF_YEAR = "travel_agencies_of_year"

MAPPINGS = load_mappings("city_node.subsystems.tourism")
RECORD_KINDS: Mapping[str, Mapping[str, str]] = record_kinds(MAPPINGS)
