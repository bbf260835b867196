"""A subsystem that no tier has ever heard of, written as a package of its own."""

from pathlib import Path

NAME = "street_lights"
INDICATOR = f"{NAME}.lamps_out"
AGENCY = "H41.SXD"

_PACKAGE = """
from city_node.contract import MeasuredIndicator, Observation, SourceInfo, Subsystem
from federation.model.indicator import Indicator, Measure, MergeRule, Text
from federation.model.period import LOCAL, Frequency, period_of_day
from federation.model.row import State
from federation.model.status import Status
from city_node.sources.dates import read_day

LAMPS_OUT = Indicator(
    id="street_lights.lamps_out",
    subsystem="street_lights",
    name=Text(vi="Đèn đường hỏng", en="Street lamps out"),
    short_name=Text(vi="Đèn hỏng", en="Lamps out"),
    definition=Text(vi="Số đèn hỏng trong ngày.", en="Lamps out on a day."),
    unit="lamp",
    unit_text=Text(vi="đèn", en="lamps"),
    scale=0,
    decimals=0,
    measure=Measure.SUM,
    over_time=MergeRule.NONE,
    over_place=MergeRule.SUM,
    frequency=Frequency.DAY,
    calendar=LOCAL.id,
    level="commune",
    owner_agency="H41.SXD",
    deadline_hours=24,
)


def lamps_of(record):
    period = period_of_day(Frequency.DAY, read_day(record.fields["day"]))
    yield Observation(
        indicator=LAMPS_OUT.id,
        locality=record.fields["locality"],
        period=period,
        state=State(value=record.fields["lamps"]),
        status=Status.NORMAL,
        phenomenon_time=period.begins_at(LOCAL),
        phenomenon_end=period.ends_at(LOCAL),
        agency="H41.SXD",
    )


SUBSYSTEM = Subsystem(
    id="street_lights",
    name=Text(vi="Chiếu sáng đô thị", en="Street lighting"),
    owner_agency="H41.SXD",
    agencies={"H41.SXD": Text(vi="Sở Xây dựng", en="Department of Construction")},
    sources=(
        SourceInfo(
            id="control_room",
            name=Text(vi="Trung tâm điều khiển", en="Control room"),
            publisher="H41.SXD",
        ),
    ),
    readers=(),
    indicators=(
        MeasuredIndicator(
            indicator=LAMPS_OUT, kinds=frozenset(("count",)), contribute=lamps_of
        ),
    ),
    record_kinds={"count": {"locality": "code", "day": "date", "lamps": "integer"}},
)
"""


def install(folder: Path) -> Path:
    """Write the package as one that was installed into a folder; return the folder."""
    package = folder / NAME
    package.mkdir()
    (package / "__init__.py").write_text(_PACKAGE, encoding="utf-8")
    told = folder / f"{NAME}-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n"
    )
    (told / "entry_points.txt").write_text(f"[ioc.subsystems]\n{NAME} = {NAME}\n")
    return folder
