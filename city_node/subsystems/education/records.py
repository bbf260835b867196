"""What the statistics office says about schools in a province.

The record kinds are those that the folder's ``mappings`` make.

``pupils_of_school_year``: pupils on 30 September, when the school year has begun; a
record for all and one for each level. ``graduation_of_school_year``: graduates of upper
secondary schools in per cent of the candidates, without either count.
"""

from collections.abc import Mapping

from city_node.sources.mapped import load_mappings, record_kinds

SUBSYSTEM_ID = "education"
PUPILS_OF_SCHOOL_YEAR = "pupils_of_school_year"
GRADUATION_OF_SCHOOL_YEAR = "graduation_of_school_year"

MAPPINGS = load_mappings("city_node.subsystems.education")
RECORD_KINDS: Mapping[str, Mapping[str, str]] = record_kinds(MAPPINGS)

GRADES = ("primary", "lower_secondary", "upper_secondary")
"""Levels of general education: codes of a breakdown."""
