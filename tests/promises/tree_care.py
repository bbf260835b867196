"""A subsystem whose file says everything a cell can say of a figure."""

from pathlib import Path

NAME = "tree_care"
INDICATOR = f"{NAME}.trees_felled"
AGENCY = "H41.SXD"

# What stands in a cell, and the status it has at every tier.
CELLS = {
    "17329": ("12", "normal"),
    "17380": ("8 (sơ bộ)", "provisional"),
    "17344": ("5 (ước)", "estimated"),
    "17365": ("0", "zero"),
    "17357": ("-", "no_activity"),
    "17335": ("", "missing"),
    "17263": ("x", "not_collected"),
    "17239": ("mật", "withheld"),
    "17242": ("<5", "suppressed"),
    "17248": ("7", "normal"),
}
# It owes like the others, and the file doesn't name it.
SILENT = "17230"

_PACKAGE = """
import re

from city_node.contract import (
    Accepted, MeasuredIndicator, Observation, Record, SourceInfo, Subsystem,
)
from city_node.sources.dates import read_day
from city_node.sources.tables import read_delimited, table_of, table_rows
from federation.model.indicator import Indicator, Measure, MergeRule, Text
from federation.model.period import LOCAL, Frequency, period_of_day
from federation.model.row import State
from federation.model.status import Provenance, Status

COLUMNS = {
    "locality": ("Mã địa bàn",), "day": ("Ngày",), "felled": ("Số cây chặt hạ",)
}
WORDS = {
    "": Status.MISSING,
    "-": Status.NO_ACTIVITY,
    "0": Status.ZERO,
    "x": Status.NOT_COLLECTED,
    "mật": Status.WITHHELD,
    "<5": Status.SUPPRESSED,
}
MARKS = {"sơ bộ": Status.PROVISIONAL, "ước": Status.ESTIMATED}
FELLED = Indicator(
    id="tree_care.trees_felled",
    subsystem="tree_care",
    name=Text(vi="Cây xanh chặt hạ", en="Trees felled"),
    short_name=Text(vi="Cây chặt hạ", en="Trees felled"),
    definition=Text(vi="Số cây chặt hạ trong ngày.", en="Trees felled on a day."),
    unit="tree",
    unit_text=Text(vi="cây", en="trees"),
    scale=0,
    decimals=0,
    measure=Measure.SUM,
    over_time=MergeRule.SUM,
    over_place=MergeRule.SUM,
    frequency=Frequency.DAY,
    calendar=LOCAL.id,
    level="commune",
    owner_agency="H41.SXD",
    deadline_hours=24,
)


class Reader:
    id = "felled_table"
    title = Text(vi="Bảng cây chặt hạ", en="Table of felled trees")

    def recognises(self, file):
        return table_rows(read_delimited(file), COLUMNS) is not None

    def read(self, file, context):
        for row in table_of(file, COLUMNS):
            locality, day = row.text("locality"), row.text("day")
            yield Accepted(
                record=Record(
                    subsystem="tree_care",
                    source="felled_table",
                    source_key=f"{locality}:{day}",
                    kind="count",
                    scope=f"felled:{day}",
                    fields={
                        "locality": locality, "day": day, "felled": row.text("felled")
                    },
                    provenance=Provenance.FILE,
                ),
                place=row.place,
            )


def felled_of(record):
    period = period_of_day(Frequency.DAY, read_day(record.fields["day"]))
    said = record.fields["felled"]
    status = WORDS.get(said)
    number = 0
    if status is None:
        found = re.fullmatch(r"(\\d+)(?: \\((.*)\\))?", said)
        number, status = int(found[1]), MARKS.get(found[2], Status.NORMAL)
    yield Observation(
        indicator=FELLED.id,
        locality=record.fields["locality"],
        period=period,
        state=State(value=number) if status.carries_state else None,
        status=status,
        phenomenon_time=period.begins_at(LOCAL),
        phenomenon_end=period.ends_at(LOCAL),
        agency="H41.SXD",
    )


SUBSYSTEM = Subsystem(
    id="tree_care",
    name=Text(vi="Cây xanh đô thị", en="Tree care"),
    owner_agency="H41.SXD",
    agencies={"H41.SXD": Text(vi="Sở Xây dựng", en="Department of Construction")},
    sources=(
        SourceInfo(
            id="felled_table",
            name=Text(vi="Bảng cây chặt hạ", en="Table of felled trees"),
            publisher="H41.SXD",
        ),
    ),
    readers=(Reader(),),
    indicators=(
        MeasuredIndicator(
            indicator=FELLED, kinds=frozenset(("count",)), contribute=felled_of
        ),
    ),
    record_kinds={"count": {"locality": "code", "day": "date", "felled": "text"}},
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
