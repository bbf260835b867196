"""Names that several files of this subsystem use."""

from city_node.subsystems.texts import load_texts

TEXTS = load_texts("city_node.subsystems.education")

EDUCATION = "H41.SGDDT"
"""Department of Education and Training of the province: owner of the subsystem."""

STATISTICS_OFFICE = "TKTW"
"""National statistics office: publishes the tables."""
