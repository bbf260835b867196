"""Overviews as tiers give them, made from figures of the real input."""

from datetime import UTC, datetime, timedelta
from typing import Any

from federation.api.schemas import (
    ChildOut,
    ChildrenOut,
    CoverageOut,
    IndicatorOut,
    LinkOut,
    LinksOut,
    LocalitiesOut,
    LocalityOut,
    OriginOut,
    OverviewOut,
    PlaceRow,
    TextOut,
    TierOut,
    TileOut,
    TrendPoint,
    ValueOut,
)
from federation.model.period import CALENDARS, parse_period
from tests.dashboards.contracts import INDICATORS, text

NOW = datetime(2026, 11, 22, 3, 5, 10, tzinfo=UTC)

NAMES = {
    "nation": ("VN", TextOut(vi="Việt Nam", en="Viet Nam")),
    "province": ("40", TextOut(vi="Tỉnh Nghệ An", en="Nghệ An Province")),
    "city": ("vinh", TextOut(vi="Thành phố Vinh (6 phường)", en="Vinh City (6 wards)")),
}


def months(first: str, values: list[str | None]) -> list[TrendPoint]:
    year, month = (int(part) for part in first.split("-"))
    points = []
    for offset, value in enumerate(values):
        index = month - 1 + offset
        points.append(
            TrendPoint(
                period=f"{year + index // 12}-{index % 12 + 1:02d}",
                value=value,
                status="normal" if value else "missing",
            )
        )
    return points


TABLES = "2025-01_tables.xlsx"
ORIGIN = OriginOut(stream="nghe-an-departments", epoch=1, sequence=14)


def bounds(contract: IndicatorOut, period: str) -> tuple[datetime, datetime]:
    calendar = CALENDARS[contract.calendar]
    parsed = parse_period(period)
    return parsed.begins_at(calendar), parsed.ends_at(calendar)


def covered(reported: int, expected: int, missing: list[str]) -> CoverageOut:
    return CoverageOut(
        reported=reported,
        expected=expected,
        missing_count=expected - reported,
        missing=missing,
    )


def tile(
    name: str,
    period: str,
    value: str | None,
    *,
    locality: str,
    locality_name: TextOut,
    judgement: Any = "unjudged",
    freshness: Any = "stale",
    status: str = "normal",
    provenance: str = "file",
    simulated: bool = False,
    expected: int = 1,
    reported: int = 1,
    missing: list[str] | None = None,
    previous: str | None = None,
    year_ago: str | None = None,
    last_missing: str | None = None,
    trend: list[TrendPoint] | None = None,
    basis: str = "reported",
    breakdown: str | None = None,
    source: str = TABLES,
) -> TileOut:
    contract = INDICATORS[name]
    begun, ended = bounds(contract, period)
    told, feed = (
        ("simulated", "feed=simulated") if simulated else (provenance, breakdown)
    )
    key: dict[str, Any] = {
        "indicator": name,
        "locality": locality,
        "agency": "H41.STC",
        "breakdown": feed,
        "basis": basis,
        "simulated": simulated,
    }
    return TileOut(
        **key,
        series=f"{name}/{locality}",
        locality_name=locality_name,
        value=ValueOut(
            **key,
            frequency=contract.frequency,
            calendar=contract.calendar,
            period=period,
            period_start=begun.isoformat(),
            period_end=ended.isoformat(),
            value=value,
            numerator=None,
            denominator=None,
            unit=contract.unit,
            status=status,
            provenance=told,
            statuses={status: reported},
            provenances={told: reported},
            coverage=covered(reported, expected, missing or []),
            source=source,
            recorded_at="2025-02-06T09:12:00+07:00",
            known_at="2026-11-22T09:58:31+07:00",
            origin=ORIGIN,
        ),
        judgement=judgement,
        freshness=freshness,
        age_s=int((NOW - ended).total_seconds()),
        previous=previous,
        year_ago=year_ago,
        change=None,
        last_missing=last_missing,
        trend=trend or [TrendPoint(period=period, value=value, status=status)],
    )


INVESTMENT = [
    "513.3", "534.0", "604.1", "668.9", "702.4", "771.0", "795.3", "823.7",
    "861.2", "1046.1", "1213.849", "1263.197", "572.512",
]  # fmt: skip


def province_tiles() -> list[TileOut]:
    return [*economy_tiles(), *environment_tiles()]


def economy_tiles() -> list[TileOut]:
    here = {"locality": "40", "locality_name": NAMES["province"][1]}
    return [
        tile(
            "socio_economic.investment_against_plan",
            "2026-10",
            "5.685",
            judgement="bad",
            freshness="fresh",
            previous="6.9",
            year_ago="5.1",
            trend=months("2026-05", ["9.1", "8.8", "8.2", "7.4", "6.9", "5.685"]),
            **here,
        ),
        tile(
            "socio_economic.investment_realised",
            "2025-01",
            "572.512",
            previous="1263.197",
            year_ago="513.3",
            trend=months("2024-01", list(INVESTMENT)),
            **here,
        ),
        tile(
            "socio_economic.fdi_new",
            "2024-12",
            "867.795243",
            last_missing="2025-01",
            previous="852.1",
            trend=months("2024-10", ["800.1", "852.1", "867.795243", None]),
            source="2024-12_tables.xlsx",
            **here,
        ),
        tile(
            "socio_economic.fdi_adjusted",
            "2024-12",
            "881.763390",
            last_missing="2025-01",
            status="provisional",
            source="2024-12_tables.xlsx",
            **here,
        ),
    ]


def environment_tiles() -> list[TileOut]:
    vinh = {"locality": "vinh", "locality_name": NAMES["city"][1]}
    return [
        tile(
            "environment.pm25_24h",
            "2026-05-21",
            "20.250",
            judgement="ok",
            provenance="automatic",
            breakdown="station=Trường Thi",
            previous="24.1",
            expected=2,
            reported=2,
            trend=[
                TrendPoint(period=f"2026-05-{day:02d}", value=value, status="normal")
                for day, value in enumerate(
                    ["31.2", "28.4", "33.0", "26.1", "24.1", "20.250"], 16
                )
            ],
            **vinh,
        ),
        tile(
            "environment.pm25_modelled",
            "2026-05-21",
            "26.360",
            judgement="ok",
            status="estimated",
            locality="16858@2025-07-01",
            locality_name=text("Xã Mường Típ", "Mường Típ Commune"),
        ),
        tile(
            "environment.temperature",
            "2017-12",
            "18.4",
            previous="22.0",
            year_ago="20.1",
            trend=months("2017-07", ["29.7", "29.1", "28.6", "25.0", "22.0", "18.4"]),
            locality="412@2024-12-01",
            locality_name=text("Thành phố Vinh cũ (412)", "Former Vinh City (412)"),
        ),
        tile(
            "environment.rain",
            "2017-12",
            "36.9",
            previous="136.9",
            trend=months("2017-07", ["310.4", "402.0", "513.1", None, "136.9", "36.9"]),
            locality="412@2024-12-01",
            locality_name=text("Thành phố Vinh cũ (412)", "Former Vinh City (412)"),
        ),
    ]


def simulated_tiles(locality: str, name: TextOut, expected: int) -> list[TileOut]:
    reported = min(11, expected)
    return [
        tile(
            "environment.violations_found",
            "2026-11-21",
            "47",
            judgement="watch",
            freshness="fresh",
            simulated=True,
            expected=expected,
            reported=reported,
            missing=["17443@2025-07-01", "16690@2025-07-01", "99999@2025-07-01"],
            previous="52",
            basis="rolled_up",
            trend=[
                TrendPoint(period=f"2026-11-{day:02d}", value=value, status="normal")
                for day, value in enumerate(
                    ["41", "39", "44", "58", "61", "49", "52", "47"], 14
                )
            ],
            locality=locality,
            locality_name=name,
        )
    ]


COMMUNES = (
    ("16681@2025-07-01", "Phường Trường Vinh", "connected", 4),
    ("16708@2025-07-01", "Phường Vinh Phú", "connected", 4),
    ("16858@2025-07-01", "Xã Mường Típ", "connected", 2),
    ("17254@2025-07-01", "Xã Con Cuông", "connected", 2),
    ("17935@2025-07-01", "Xã Nam Đàn", "connected", 2),
    ("17443@2025-07-01", "Xã Quảng Châu", "silent", 0),
)


def places() -> list[PlaceRow]:
    dust = ("11.377", "11.377", "26.360", "19.452", "12.944", None)
    return [
        PlaceRow(
            locality=locality,
            name=TextOut(vi=name, en=name),
            level="commune",
            connection=connection,  # type: ignore[arg-type]
            series_count=real + 1,
            real_count=real,
            simulated_count=1,
            missing_count=0,
            last_period="2026-05-21" if real else None,
            last_known_at="2026-11-22T09:58:31+07:00" if real else None,
            values={"environment.pm25_modelled": value},
        )
        for (locality, name, connection, real), value in zip(
            COMMUNES, dust, strict=True
        )
    ]


def localities() -> LocalitiesOut:
    return LocalitiesOut(
        items=[
            LocalityOut(
                id="16690@2025-07-01",
                code="16690",
                name=text("Phường Vinh Hưng", "Vinh Hưng Ward"),
                level="commune",
                parent="40",
                valid_from="2025-07-01",
                valid_to=None,
                decree=None,
                members=[],
                successors=[],
            )
        ],
        next=None,
    )


def overview(level: Any, *, empty: bool = False) -> OverviewOut:
    locality, name = NAMES[level]
    count = {"nation": 34, "province": 130, "city": 6}[level]
    rows = [] if empty else places()
    return OverviewOut(
        tier=TierOut(
            id={"nation": "viet-nam", "province": "nghe-an", "city": "vinh"}[level],
            level=level,
            name=name,
            locality=locality,
            workspace="demo",
            version="0.1.0",
            parent={"nation": None, "province": "viet-nam", "city": "nghe-an"}[level],
        ),
        locality=LocalityOut(
            id=locality,
            code=locality,
            name=name,
            level=level,
            parent=None,
            valid_from=None,
            valid_to=None,
            decree=None,
            members=[],
            successors=[],
        ),
        generated_at=NOW.isoformat(),
        tiles=[] if empty else province_tiles(),
        simulated_tiles=[] if empty else simulated_tiles(locality, name, count),
        places=rows,
        place_columns=["environment.pm25_modelled"],
        place_count=count,
        not_connected_count=count - len(rows),
        indicators=INDICATORS,
    )


def children() -> ChildrenOut:
    streams = (
        ("vinh", "vinh-node", NAMES["city"][1], True, 0),
        (
            "nghe-an-departments",
            "hosted-node",
            text("Các sở, ngành tỉnh Nghệ An", "Departments of Nghệ An"),
            True,
            0,
        ),
        ("17443", "hosted-node", text("Xã Quảng Châu", "Quảng Châu Commune"), False, 2),
    )
    return ChildrenOut(
        items=[
            ChildOut(
                stream=stream,
                node=node,
                area_name=name,
                connected=connected,
                epoch=1,
                high_watermark=42,
                projected=42 if connected else 40,
                last_committed_at=(NOW - timedelta(seconds=12)).isoformat(),
                last_heartbeat_at=NOW.isoformat(),
                clock_offset_ms=3,
                complete_through={},
                dead_letters=faulty,
                fence=1,
                software_version="0.1.0",
            )
            for stream, node, name, connected, faulty in streams
        ]
    )


def links(level: Any) -> LinksOut:
    if level == "nation":
        return LinksOut(items=[])
    return LinksOut(
        items=[
            LinkOut(
                stream="nghe-an" if level == "province" else "vinh",
                parent="viet-nam" if level == "province" else "nghe-an",
                state="connected",
                epoch=1,
                sealed=118,
                acknowledged=118,
                pending_rows=0,
                last_acknowledged_at=(NOW - timedelta(seconds=9)).isoformat(),
                last_error=None,
            )
        ]
    )
