"""What the statistics office says about health care in a province.

The record kinds are those that the folder's ``mappings`` make: one record for each
province, year and kind of facility, with the number as published. The total is a record
of its own, never added up here.
"""

from collections.abc import Mapping

from city_node.sources.mapped import load_mappings, record_kinds

SUBSYSTEM_ID = "health"
BEDS_OF_YEAR = "beds_of_year"

MAPPINGS = load_mappings("city_node.subsystems.health")
RECORD_KINDS: Mapping[str, Mapping[str, str]] = record_kinds(MAPPINGS)

FACILITIES = ("hospital", "polyclinic", "sanatorium", "medical_service_unit")
"""Kinds of facility that the table tells apart: codes of a breakdown."""
