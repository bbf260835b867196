"""What a made-up tier says about one indicator of one place, and who owes what."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from federation.api.beside_schemas import AbsentOut, TwinOut
from federation.api.owed_schemas import ObligationOut, ObligationsOut
from federation.api.schemas import (
    DistinctOut,
    IndicatorOut,
    LocalityOut,
    OriginOut,
    QuantilesOut,
    TopEntryOut,
    UnapportionedOut,
    ValueOut,
    ValuesOut,
    VersionsOut,
    WindowOut,
)
from federation.model.period import parse_period
from tests.dashboards.contracts import FINANCE, INDICATORS, NATURE, text
from tests.dashboards.figures import INVESTMENT, NAMES, months, tile

Query = Mapping[str, str]

INVESTMENT_ID = "socio_economic.investment_realised"
GROUND = "Điều 5 Nghị định 278/2025/NĐ-CP"
HERE = {"locality": "40", "locality_name": NAMES["province"][1]}
REFUSED = text(
    "FDI đăng ký mới (socio_economic.fdi_new) là số do nơi khác công bố, không tính "
    "lại được từ các phần.",
    "New FDI (socio_economic.fdi_new) is a figure published by others; it can't be "
    "recomputed from parts.",
)


def value(
    name: str,
    period: str,
    number: str | None,
    *,
    status: str = "normal",
    **changed: Any,
) -> ValueOut:
    """Return a value of the province's own; ``changed`` are fields of it."""
    made = tile(name, period, number, status=status, **HERE).value
    return msgspec.structs.replace(made, **changed)


def twin(number: str, difference: str) -> TwinOut:
    return TwinOut(
        basis="rolled_up",
        agency=None,
        value=number,
        status="normal",
        reported=3,
        expected=4,
        difference=difference,
        known_at="2025-02-07T10:00:00+07:00",
    )


def investment() -> list[ValueOut]:
    series = [
        value(INVESTMENT_ID, point.period, point.value, status=point.status)
        for point in months("2024-01", list(INVESTMENT))
    ]
    series[-1] = msgspec.structs.replace(
        series[-1],
        twin=twin("560.112", "12.4"),
        timeliness="late",
        due_at="2025-02-05T17:00:00+07:00",
    )
    series[-2] = msgspec.structs.replace(series[-2], timeliness="on_time")
    # A month of which nothing was ever said.
    del series[5]
    return series


def values(query: Query) -> ValuesOut:
    """Answer ``GET /values`` of the investment, its parts and today's boundaries."""
    items = investment() if query.get("indicator") == INVESTMENT_ID else []
    if query.get("locality") != "40":
        items = []
    if "breakdown" not in query and query.get("from") == query.get("to"):
        items = [
            msgspec.structs.replace(one, breakdown="fund=central", value="120.5")
            for one in items
            if one.period == query.get("from")
        ]
    elif query.get("breakdown"):
        items = []
    today = query.get("boundaries") == "today"
    left_out = [
        UnapportionedOut(
            locality="412@2024-12-01",
            name=text("Thành phố Vinh cũ (412)", "Former Vinh City (412)"),
            reason="divided",
            into=["16681@2025-07-01", "16690@2025-07-01"],
            periods=["2024-01", "2024-02"],
        )
    ]
    return ValuesOut(
        **then(query),
        boundaries="today" if today else "then",
        unapportioned=left_out if today else [],
        items=items,
        next=None,
    )


def then(query: Query) -> dict[str, Any]:
    """Return the fields of an answer about the past."""
    asked = query.get("as_of")
    if not asked:
        return {}
    return {"as_of": asked, "resolution": "hour"}


def versions(query: Query) -> VersionsOut:
    """Answer ``GET /values/versions``: a realised figure after an estimate."""
    wanted = [one for one in investment() if one.period == query.get("period")]
    earlier = [
        msgspec.structs.replace(
            one,
            value="560.000",
            status="estimated",
            known_at="2025-01-20T08:00:00+07:00",
            superseded_at=one.known_at,
            source="2024-12_tables.xlsx",
            origin=OriginOut(stream="nghe-an-departments", epoch=1, sequence=9),
        )
        for one in wanted
    ]
    return VersionsOut(**then(query), items=[*wanted, *earlier])


def window(query: Query) -> WindowOut:
    """Answer ``GET /window``: from January through the month asked for."""
    through = query["year_to_date"]
    made = value(INVESTMENT_ID, through, "572.512")
    return WindowOut(
        **then(query),
        first_day=f"{through[:4]}-01-01",
        last_day=(parse_period(through).end_day - timedelta(days=1)).isoformat(),
        base_frequency="month",
        base_periods=int(through[5:]),
        items=[made],
    )


def indicator(name: str) -> IndicatorOut | None:
    found = INDICATORS.get(name)
    if found is not None and found.measure == "published":
        return msgspec.structs.replace(
            found, time_refusal=REFUSED, place_refusal=REFUSED
        )
    return found


def locality(id_: str) -> LocalityOut | None:
    names = dict(NAMES.values())
    if id_ not in names:
        return None
    return LocalityOut(
        id=id_,
        code=id_,
        name=names[id_],
        level="province",
        parent=None,
        valid_from=None,
        valid_to=None,
        decree=None,
        members=[],
        successors=[],
    )


STANDINGS = (
    ("16681@2025-07-01", "Phường Trường Vinh", "fresh", None, "2026-10", "2026-11"),
    ("16708@2025-07-01", "Phường Vinh Phú", "due", None, "2026-10", "2026-11"),
    ("17254@2025-07-01", "Xã Con Cuông", "within_grace", None, "2026-09", "2026-10"),
    (
        "17443@2025-07-01",
        "Xã Quảng Châu",
        "overdue",
        "2026-08-05T17:00:00+07:00",
        "2026-06",
        "2026-07",
    ),
    ("17935@2025-07-01", "Xã Nam Đàn", "not_connected", None, None, "2026-11"),
    ("16858@2025-07-01", "Xã Mường Típ", "ended", None, "2025-12", None),
)


def obligations() -> list[ObligationOut]:
    made = [
        ObligationOut(
            indicator="environment.violations_found",
            locality=place,
            locality_name=text(name, name),
            agency=None,
            agency_name=NATURE,
            first_day="2025-07-01",
            last_day=None,
            announced=True,
            state=state,  # type: ignore[arg-type]
            since=since,
            last_period=last,
            awaited_period=awaited,
            due_at=f"{awaited}-05T17:00:00+07:00" if awaited else None,
        )
        for place, name, state, since, last, awaited in STANDINGS
    ]
    silent = ObligationOut(
        indicator=INVESTMENT_ID,
        locality="40",
        locality_name=HERE["locality_name"],  # type: ignore[arg-type]
        agency="H41.STC",
        agency_name=FINANCE,
        first_day=None,
        last_day=None,
        announced=True,
        state="overdue",
        since="2025-03-05T17:00:00+07:00",
        last_period="2025-01",
        awaited_period="2025-02",
        due_at="2025-03-05T17:00:00+07:00",
    )
    return [*made, silent]


def owed(query: Query, made: list[ObligationOut] | None) -> ObligationsOut:
    found = [
        one
        for one in (obligations() if made is None else made)
        if query.get("indicator") in (None, one.indicator)
        and query.get("locality") in (None, one.locality)
        and query.get("state") in (None, one.state)
    ]
    return ObligationsOut(items=found, next=None)


ABSENT = [
    AbsentOut(locality="17443@2025-07-01", reason="silent"),
    AbsentOut(locality="16690@2025-07-01", reason="not_connected"),
    AbsentOut(locality="99999@2025-07-01", reason="withheld"),
]

QUANTILES = QuantilesOut(p50="12.5", p90="40.0", count=351)
DISTINCT = DistinctOut(estimate=12345, lower=12100, upper=12600)
TOP = [
    TopEntryOut(code="pothole", name=text("Ổ gà", "Potholes"), count=120),
    TopEntryOut(code="waste", name=text("Rác thải", "Waste"), count=80),
    TopEntryOut(code="other", name=text("Khác", "Other"), count=40),
]
