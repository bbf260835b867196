"""Indicators of the subsystems that ship, from their own declarations."""

from city_node.contract import Subsystem
from city_node.installed import available, find_subsystems
from federation.model.indicator import Indicator
from scripts.guide.markdown import code, table

HEADINGS = (
    "chỉ tiêu / indicator",
    "tên / name",
    "đơn vị / unit",
    "loại / measure",
    "theo thời gian / over time",
    "theo nơi / over place",
    "kỳ / period",
    "cấp / level",
    "hạn / due",
    "cơ quan / agency",
)


def subsystems() -> dict[str, Subsystem]:
    """Return the subsystems that ship."""
    return find_subsystems(available())


def indicators_text() -> str:
    """Return all indicators, sources and record kinds, subsystem by subsystem."""
    return "\n\n".join(_subsystem(one) for one in subsystems().values())


def _subsystem(one: Subsystem) -> str:
    found = [each.indicator for each in one.indicators]
    sources = table(
        ("nguồn / source", "tên / name", "nơi công bố / publisher"),
        [
            [code(each.id), f"{each.name.vi} / {each.name.en}", each.publisher]
            for each in one.sources
        ],
    )
    kinds = table(
        ("loại bản ghi / record kind", "trường / fields"),
        [
            [code(kind), ", ".join(f"{code(name)} {of}" for name, of in fields.items())]
            for kind, fields in one.record_kinds.items()
        ],
    )
    return "\n\n".join(
        [
            f"## {one.name.vi} / {one.name.en} (`{one.id}`)",
            table(HEADINGS, [_row(each, one) for each in found]),
            *(_definition(each) for each in found),
            sources,
            kinds,
        ]
    )


def _row(indicator: Indicator, subsystem: Subsystem) -> list[str]:
    agency = subsystem.agencies.get(indicator.owner_agency)
    owner = indicator.owner_agency if agency is None else f"{agency.vi} / {agency.en}"
    return [
        code(indicator.id),
        f"{indicator.name.vi} / {indicator.name.en}",
        f"{indicator.unit_text.vi} / {indicator.unit_text.en}",
        code(indicator.measure.slug),
        code(indicator.over_time.slug),
        code(indicator.over_place.slug),
        f"{code(indicator.frequency.slug)}, {code(indicator.calendar)}",
        code(indicator.level),
        f"{indicator.deadline_hours} h",
        owner,
    ]


def _definition(indicator: Indicator) -> str:
    said = indicator.definition
    return f"**`{indicator.id}`**: {said.vi}\n*{said.en}*"
