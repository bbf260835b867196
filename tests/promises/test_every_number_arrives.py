"""Every number about Nghệ An that has an indicator arrives as its file says it.

The files are read a second, independent way and fed to three nodes; node, province and
nation must then answer each figure with the same value, status, period and provenance.
Every cell is counted once: landed, flagged, refused or not used. The table is printed
(``-s``) and written as JSON to the path in ``IOC_FIGURES_REPORT``.
"""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from scripts.federation_demo.feeding import Feed, real_feeds
from scripts.federation_demo.layout import (
    COMMUNES,
    HOSTED,
    NATION,
    PROVINCE,
    VINH,
    AreaPlan,
    TierPlan,
)
from tests.promises.federation import Federation, Value
from tests.promises.records import VINH_WARDS
from tests.promises.second_reading import every_cell
from tests.promises.second_reading.cells import Cell, Fate, Figure, rounded
from tests.subsystems.real_files import DATA, real_path

pytestmark = [
    pytest.mark.data,
    pytest.mark.timeout(600),
    # The publisher's workbooks carry extensions the second library doesn't know.
    pytest.mark.filterwarnings("ignore::UserWarning:openpyxl"),
]

REPORT_VARIABLE = "IOC_FIGURES_REPORT"
DIFFERENCES_SHOWN_MAX = 20
PATIENCE_S = 180.0
WARD_FILE = "air_traffic/nghe_an_daily_by_ward_to_2026-05-21.csv"
COUNTED = (Fate.LANDED, Fate.FLAGGED, Fate.REFUSED, Fate.NOT_USED)

Series = tuple[str, str, str, str]


@dataclass(frozen=True, kw_only=True)
class Fed:
    """The federation with every file fed, and what each feeding was told."""

    federation: Federation
    others: TierPlan
    cells: list[Cell]
    reports: dict[tuple[str, str], dict[str, Any]]

    def node_of(self, figure: Figure) -> TierPlan:
        """Return the node that speaks for a figure's place."""
        code = figure.locality.partition("@")[0]
        if figure.locality == PROVINCE.locality or code in COMMUNES:
            return HOSTED
        return VINH if code in (*VINH_WARDS, "vinh", "412") else self.others


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fed(workspace_root: Path) -> AsyncIterator[Fed]:
    real_path("README.md")
    async with Federation.running(workspace_root / "every", data=DATA) as federation:
        ids = await communes(federation)
        others = others_of(ids)
        await federation.admit(others)
        await federation.start_node(others)
        feeds = [
            *real_feeds(DATA),
            Feed(node=others, subsystem="environment", path=DATA / WARD_FILE),
        ]
        nodes = (VINH, HOSTED, others)
        told = await asyncio.gather(*(feed(federation, node, feeds) for node in nodes))
        yield Fed(
            federation=federation,
            others=others,
            cells=every_cell(DATA, ids),
            reports={key: report for each in told for key, report in each.items()},
        )
        await federation.stop_node(others)


async def communes(federation: Federation) -> dict[str, str]:
    """Return the ids of today's communes of the province by code."""
    client = await federation.client(PROVINCE)
    found: dict[str, str] = {}
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get("/localities", params={"limit": 1000, **cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        for place in page["items"]:
            today = place["level"] == "commune" and not place["valid_to"]
            if today and place["parent"] == PROVINCE.locality:
                found[place["code"]] = place["id"]
        if not page.get("next"):
            return found
        cursor = {"cursor": page["next"]}


def others_of(ids: Mapping[str, str]) -> TierPlan:
    """Return a node for all communes that no node of the demo speaks for."""
    taken = {*VINH_WARDS, *COMMUNES}
    rest = tuple(ids[code] for code in sorted(ids.keys() - taken))
    return TierPlan(
        id="communes",
        command="city-node",
        level="province",
        name_vi="Các xã, phường còn lại",
        name_en="The other communes",
        locality=PROVINCE.locality,
        position=4,
        parent=PROVINCE.id,
        areas=(AreaPlan(stream="communes", localities=rest),),
        subsystems=("environment",),
        page=False,
    )


async def feed(
    federation: Federation, node: TierPlan, feeds: Iterable[Feed]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Feed a node its files in order; return what was told of each."""
    reports = {}
    for each in feeds:
        if each.node is node:
            ran = await federation.ingest(node, each.subsystem, each.path)
            reports[node.id, each.path.name] = ran.report
    return reports


async def held(
    fed: Fed, tier: TierPlan, figures: Iterable[Figure]
) -> dict[Series, Value]:
    """Return what a tier answers of the figures' indicators, by series and period."""
    found: dict[Series, Value] = {}
    for indicator in sorted({figure.indicator for figure in figures}):
        values = await fed.federation.values(tier, indicator)
        if indicator == "socio_economic.investment_realised":
            values += await fed.federation.values(tier, indicator, frequency="year")
        for value in values:
            series = (
                indicator,
                value["locality"],
                value["breakdown"] or "",
                value["period"],
            )
            if value["basis"] == "reported" or value["frequency"] == "year":
                found.setdefault(series, value)
    return found


def difference(figure: Figure, value: Value | None) -> str:
    """Return what is wrong with an answer; empty where it is the figure."""
    if value is None:
        return "is not there"
    said = value[figure.part]
    if figure.number is None:
        wrong = [] if said is None else [f"{said} where it is missing"]
    else:
        wanted = rounded(figure.number, figure.digits)
        same = said is not None and round(Decimal(said), figure.digits) == wanted
        wrong = [] if same else [f"{figure.part} {said}, not {wanted}"]
    if figure.status and value["status"] != figure.status:
        wrong.append(f"status {value['status']}, not {figure.status}")
    if value["provenance"] != "file":
        wrong.append(f"provenance {value['provenance']}")
    if value["simulated"]:
        wrong.append("simulated")
    return "; ".join(wrong)


async def differences(fed: Fed, tier: TierPlan, figures: list[Figure]) -> list[str]:
    values = await held(fed, tier, figures)
    return [
        f"{tier.id}: {' '.join(part for part in figure.series if part)}: {wrong}"
        for figure in figures
        if (wrong := difference(figure, values.get(figure.series)))
    ]


async def settled(fed: Fed, tier: TierPlan, figures: list[Figure]) -> list[str]:
    """Return what still differs at a tier once nothing does, or patience is over."""
    wrong: list[list[str]] = [[]]

    async def check() -> bool:
        wrong[0] = await differences(fed, tier, figures)
        return not wrong[0]

    try:
        await fed.federation.until(check, lambda: "", patience_s=PATIENCE_S)
    except AssertionError:
        return wrong[0]
    return []


def shown(wrong: list[str]) -> str:
    return f"{len(wrong)} differ:\n" + "\n".join(wrong[:DIFFERENCES_SHOWN_MAX])


async def test_every_figure_is_the_same_at_every_tier(fed: Fed) -> None:
    figures = list(dict.fromkeys(each for cell in fed.cells for each in cell.figures))
    assert len(figures) > 3000
    for node in (VINH, HOSTED, fed.others):
        own = [figure for figure in figures if fed.node_of(figure) is node]
        assert own
        wrong = await settled(fed, node, own)
        assert not wrong, shown(wrong)
    for tier in (PROVINCE, NATION):
        wrong = await settled(fed, tier, figures)
        assert not wrong, shown(wrong)


async def test_what_no_cell_states_is_missing_and_not_zero(fed: Fed) -> None:
    absent = [
        # Nghệ An is not in the January table of foreign investment.
        *(
            (f"socio_economic.{name}", PROVINCE.locality, "2025-01")
            for name in ("fdi_new", "fdi_adjusted", "fdi_projects_new")
        ),
        # The model leaves out one commune on every day.
        *(
            ("environment.pm25_modelled", COMMUNES["17443"], f"2026-05-{day}")
            for day in range(14, 22)
        ),
    ]
    for tier in (HOSTED, PROVINCE, NATION):
        for indicator, locality, period in absent:
            seen = await fed.federation.arrives(tier, indicator, locality, period)
            assert seen["value"] is None, seen
            assert seen["status"] == "missing", seen


def test_every_cell_has_one_fate_and_one_that_lands_a_figure(fed: Fed) -> None:
    places = Counter((cell.file, cell.place) for cell in fed.cells)
    assert set(places.values()) == {1}
    for cell in fed.cells:
        lands = cell.fate in (Fate.LANDED, Fate.FLAGGED)
        assert bool(cell.figures) or not lands, cell
        silent = (Fate.KEY, Fate.EMPTY, Fate.LANDED)
        assert bool(cell.reason) is (cell.fate not in silent), cell


def test_no_row_of_the_real_files_is_refused_and_the_doubtful_are_told(
    fed: Fed,
) -> None:
    for key, report in fed.reports.items():
        assert report["rejected_count"] == 0, (key, report["rejected"])
    flagged = {
        (file, doubt["place"]["row"], doubt["code"])
        for (_, file), report in fed.reports.items()
        for doubt in report["flagged"]
    }
    assert flagged == {
        (cell.file, int(cell.place.split(",")[0].removeprefix("row ")), cell.reason)
        for cell in fed.cells
        if cell.fate is Fate.FLAGGED
    }


# What the product calls the reasons that the second reading gives to whole columns.
COLUMN_REASONS = {
    "averaged-index": "an index can't be averaged",
    "repeats-another": "equals the average in every row",
}


def test_columns_without_an_indicator_are_told_as_such(fed: Fed) -> None:
    told: Counter[tuple[str, str]] = Counter()
    for (_, file), report in fed.reports.items():
        for column in report["not_used"]:
            told[file, column["reason"]] += column["count"]
    counted = Counter((cell.file, cell.reason) for cell in fed.cells)
    for reason, said in COLUMN_REASONS.items():
        assert told[Path(WARD_FILE).name, reason] == counted[Path(WARD_FILE).name, said]
    weather = [cell for cell in fed.cells if cell.file.startswith("vinh_monthly")]
    unused = sum(cell.fate is Fate.NOT_USED for cell in weather)
    assert unused == sum(
        count for (file, _), count in told.items() if file == weather[0].file
    )


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("value", "1.000001"),
        ("value", None),
        ("status", "estimated"),
        ("provenance", "automatic"),
        ("simulated", True),
    ],
)
def test_an_answer_that_differs_in_anything_is_told(part: str, said: object) -> None:
    figure = Figure(
        indicator="health.beds", locality="40", period="2016", number=Fraction(1)
    )
    right = {
        "value": "1",
        "status": "normal",
        "provenance": "file",
        "simulated": False,
    }
    assert difference(figure, right) == ""
    assert difference(figure, right | {part: said}) != ""
    assert difference(figure, None) != ""


def test_the_cells_are_counted_by_file(fed: Fed) -> None:
    counts = Counter((cell.file, cell.fate) for cell in fed.cells)
    table = []
    for file in dict.fromkeys(cell.file for cell in fed.cells):
        about = sum(counts[file, fate] for fate in COUNTED)
        assert about
        table.append(
            {"file": file, "about": about}
            | {fate.value: counts[file, fate] for fate in COUNTED}
            | {"keys": counts[file, Fate.KEY], "empty": counts[file, Fate.EMPTY]}
            | {"reasons": reasons_of(fed.cells, file)}
        )
    print("\n" + as_text(table))
    if path := os.environ.get(REPORT_VARIABLE):
        Path(path).write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n")


def reasons_of(cells: Iterable[Cell], file: str) -> dict[str, int]:
    return dict(
        Counter(
            f"{cell.fate.value}: {cell.reason}"
            for cell in cells
            if cell.file == file and cell.reason
        )
    )


def as_text(table: list[dict[str, Any]]) -> str:
    columns = ["file", "about", *(fate.value for fate in COUNTED), "keys", "empty"]
    rows = [columns, *([str(line[name]) for name in columns] for line in table)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(columns))]
    return "\n".join(
        " | ".join(
            text.ljust(width) if at == 0 else text.rjust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
