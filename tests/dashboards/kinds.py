"""A first page with every kind of figure and every kind of absence at once."""

from typing import Any

import msgspec

from federation.api.schemas import CoverageOut, IndicatorOut, OverviewOut, TileOut
from tests.dashboards.contracts import INDICATORS, NATURE, indicator, text
from tests.dashboards.detailed import ABSENT, DISTINCT, GROUND, HERE, QUANTILES, TOP
from tests.dashboards.figures import NAMES, overview, tile

REPORT = text("phản ánh", "reports")

CONTRACTS: dict[str, IndicatorOut] = INDICATORS | {
    item.id: item
    for item in (
        indicator(
            "citizen_feedback.time_to_resolve",
            text("Thời gian xử lý phản ánh", "Time to resolve"),
            unit="working_hour",
            unit_text=text("giờ làm việc", "working hours"),
            decimals=1,
            measure="quantiles",
            over_time="quantiles",
            over_place="quantiles",
            direction="down",
            owner=NATURE,
        ),
        indicator(
            "information_security.botnet_addresses",
            text("Địa chỉ nhiễm mã độc", "Infected addresses"),
            unit="address",
            unit_text=text("địa chỉ", "addresses"),
            decimals=0,
            measure="distinct",
            over_time="distinct",
            over_place="distinct",
            direction="down",
        ),
        indicator(
            "citizen_feedback.by_category",
            text("Phản ánh theo loại", "Reports by category"),
            unit="report",
            unit_text=REPORT,
            decimals=0,
            measure="top",
            over_time="top",
            over_place="top",
        ),
    )
}

ABSENCES = {
    "missing": "Thiếu số liệu",
    "not_collected": "Không thu thập",
    "withheld": "Không chia sẻ",
    "suppressed": "Bị ẩn (ô nhỏ)",
}
"""Why a tile has no figure, and the words for it."""

PLACE_STATES: tuple[tuple[str, str | None, str], ...] = (
    ("zero", "0", "0"),
    ("no_activity", "0", "Không phát sinh"),
    ("missing", None, "Thiếu số liệu"),
    ("not_collected", None, "Không thu thập"),
    ("withheld", None, "Không chia sẻ"),
    ("suppressed", None, "Bị ẩn (ô nhỏ)"),
    ("deleted", None, "Đã xóa"),
    ("estimated", "26", "26"),
    ("", None, "Chưa báo cáo lần nào"),
)
"""Status of a place's figure, the figure, and what the table says."""

FOUND = "environment.violations_found"


def kind(name: str, number: str | None, **fields: Any) -> TileOut:
    """Return a tile of an indicator; ``fields`` are those of its value."""
    status = fields.pop("status", "normal")
    contract = CONTRACTS[name]
    made = tile(
        FOUND,
        "2026-11-21",
        number,
        status=status,
        judgement="none" if number is None else "unjudged",
        freshness="fresh",
        reported=0 if number is None else 1,
        **HERE,
    )
    changed = {"indicator": name, "unit": contract.unit} | fields
    return msgspec.structs.replace(
        made,
        indicator=name,
        value=msgspec.structs.replace(made.value, **changed),
    )


def every_kind() -> OverviewOut:
    """Return a province's first page with every measure, status and coverage."""
    made = overview("province")
    partly = CoverageOut(
        reported=127,
        expected=130,
        missing_count=2,
        missing=["17443@2025-07-01", "16690@2025-07-01"],
        withheld_count=1,
        absent=ABSENT,
    )
    nobody = CoverageOut(reported=0, expected=None, missing_count=0, missing=[])
    later = kind(FOUND, "7", timeliness="late", due_at="2026-11-22T17:00:00+07:00")
    later.trend = [
        *later.trend,
        msgspec.structs.replace(
            later.trend[-1], period="2026-11-22", value=None, status="deleted"
        ),
    ]
    tiles = [
        kind("citizen_feedback.time_to_resolve", "12.5", quantiles=QUANTILES),
        kind("information_security.botnet_addresses", "12345", distinct=DISTINCT),
        kind("citizen_feedback.by_category", "240", top=TOP, coverage=partly),
        kind(FOUND, "0", status="zero", timeliness="on_time"),
        kind(FOUND, "0", status="no_activity"),
        kind(FOUND, "3", coverage=nobody),
        later,
        *(
            kind(FOUND, None, status=status, ground=_ground(status))
            for status in ABSENCES
        ),
    ]
    rows = [
        msgspec.structs.replace(
            made.places[0],
            locality=f"p{number}",
            name=text(f"Xã số {number}", f"Commune {number}"),
            values={FOUND: value},
            statuses={FOUND: status} if status else {},
        )
        for number, (status, value, _) in enumerate(PLACE_STATES)
    ]
    rows.append(msgspec.structs.replace(made.places[-1], values={FOUND: None}))
    return msgspec.structs.replace(
        made,
        locality=msgspec.structs.replace(made.locality, name=NAMES["province"][1]),
        tiles=tiles,
        places=rows,
        place_columns=[FOUND],
        indicators=CONTRACTS,
    )


def _ground(status: str) -> str | None:
    return GROUND if status == "withheld" else None
