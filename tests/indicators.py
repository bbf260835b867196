"""Contracts for tests: a whole one, with what a test cares about changed."""

from typing import Any

from federation.model.indicator import Indicator, Measure, MergeRule, Text
from federation.model.period import Frequency


def plain(words: str) -> Text:
    return Text(vi=words, en=words)


def an_indicator(
    id_: str = "environment.violations_found", **changes: Any
) -> Indicator:
    """Return a monthly sum of whole numbers per commune, unless changed."""
    subsystem, _, name = id_.partition(".")
    fields: dict[str, Any] = {
        "subsystem": subsystem,
        "name": plain(name),
        "short_name": plain(name),
        "definition": plain(name),
        "unit": "count",
        "unit_text": plain("count"),
        "scale": 0,
        "decimals": 0,
        "measure": Measure.SUM,
        "over_time": MergeRule.SUM,
        "over_place": MergeRule.SUM,
        "frequency": Frequency.MONTH,
        "calendar": "vn",
        "level": "commune",
        "owner_agency": "",
        "deadline_hours": 24,
    }
    if changes.get("over_place") is MergeRule.WEIGHTED_MEAN:
        fields["weight"] = "person"
    return Indicator(id=id_, **(fields | changes))
