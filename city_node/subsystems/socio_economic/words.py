"""Names that several files of this subsystem use."""

from city_node.subsystems.texts import load_texts

TEXTS = load_texts("city_node.subsystems.socio_economic")

FINANCE = "H41.STC"
"""Department of Finance of the province: owner of the subsystem, reports for it."""

STATISTICS_OFFICE = "TKTW"
"""National statistics office: publishes the tables."""
