"""Names that several files of this subsystem use."""

from city_node.subsystems.texts import load_texts

TEXTS = load_texts("city_node.subsystems.citizen_feedback")

OFFICE = "H41.VPUB"
"""Office of the provincial People's Committee: owner of the subsystem."""
