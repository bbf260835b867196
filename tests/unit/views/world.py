"""A small world for the views: places, indicators, and a warehouse in memory."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

from federation.catalogue.store import by_indicator
from federation.localities.graph import LocalityGraph
from federation.model.indicator import (
    Basis,
    Direction,
    Indicator,
    Measure,
    MergeRule,
    Text,
)
from federation.model.locality import Locality, Member
from federation.model.period import CALENDARS, Frequency, Period, parse_period
from federation.model.row import Row, SeriesKey, State, base_row
from federation.model.status import Provenance, Status
from federation.views.knowledge import Knowledge
from federation.warehouse.memory import MemoryWarehouse
from federation.warehouse.store import Incoming
from federation.wire.payload import Obligation
from tests.indicators import an_indicator

KNOWN_AT = datetime(2025, 2, 10, tzinfo=UTC)


def place(
    id_: str,
    level: str,
    parent: str = "",
    members: tuple[Member, ...] = (),
    valid_to: date | None = None,
) -> Locality:
    code, _, since = id_.partition("@")
    return Locality(
        id=id_,
        code=code,
        name_vi=f"Đơn vị {id_}",
        name_en=f"Place {id_}",
        level=level,
        parent=parent,
        valid_from=date.fromisoformat(since) if since else None,
        valid_to=valid_to,
        members=members,
    )


WARDS = ("16681@2025-07-01", "16690@2025-07-01")
PLACES = LocalityGraph(
    [
        place("40", "province", "VN"),
        place("38", "province", "VN"),
        place("412", "district", "40", valid_to=date(2025, 6, 30)),
        # The code of a ward belonged to another one before.
        place("16681", "commune", "40", valid_to=date(2025, 6, 30)),
        *(place(ward, "commune", "40") for ward in WARDS),
        place("17443@2025-07-01", "commune", "40"),
        place(
            "vinh",
            "area",
            "40",
            (
                Member(locality="412", valid_to=date(2025, 6, 30)),
                *(Member(locality=w, valid_from=date(2025, 7, 1)) for w in WARDS),
            ),
        ),
    ]
)


def indicator(name: str, **changes: Any) -> Indicator:
    usual = {
        "unit": "billion_vnd",
        "scale": 3,
        "decimals": 1,
        "level": "province",
        "owner_agency": "H41.STC",
        "deadline_hours": 240,
        "direction": Direction.UP,
    }
    return an_indicator(f"test.{name}", **(usual | changes))


INVESTMENT = indicator("investment", target=1_000_000, watch_limit=900_000)
AIR = indicator(
    "air",
    measure=Measure.PUBLISHED,
    over_time=MergeRule.NONE,
    over_place=MergeRule.NONE,
    frequency=Frequency.DAY,
    level="commune",
    direction=Direction.DOWN,
)
FINES = indicator("fines", level="commune", leading_basis=Basis.ROLLED_UP)


def knowledge() -> Knowledge:
    return Knowledge(
        indicators={one.id: one for one in (INVESTMENT, AIR, FINES)},
        agencies={"H41.STC": Text(vi="Sở Tài chính", en="Finance department")},
        calendars=CALENDARS,
        places=PLACES,
        owed=by_indicator(
            Obligation(indicator=FINES.id, locality=place.id, agency="", from_day=0)
            for place in PLACES.all()
            if place.level == "commune"
        ),
    )


def row(
    of: Indicator,
    period: str,
    value: int | None,
    *,
    locality: str = "40",
    breakdown: str = "",
    status: Status = Status.NORMAL,
    basis: Basis = Basis.REPORTED,
    agency: str = "",
) -> Row:
    simulated = breakdown == "feed=simulated"
    return base_row(
        series=SeriesKey(
            indicator=of.id,
            locality=locality,
            agency=agency,
            breakdown=breakdown,
            basis=basis,
        ),
        period=parse_period(period),
        state=None if value is None else State(value=value),
        status=Status.MISSING if value is None else status,
        provenance=Provenance.SIMULATED if simulated else Provenance.FILE,
        recorded_at_us=1_738_000_000_000_000,
    )


async def filled(
    *batches: Sequence[Row], known_at: datetime = KNOWN_AT
) -> MemoryWarehouse:
    """Return a warehouse that took in batches one after the other."""
    warehouse = MemoryWarehouse()
    contracts = knowledge().indicators
    for batch in batches:
        await warehouse.apply(
            None,
            [
                Incoming(
                    row=r, contract_hash=contracts[r.series.indicator].contract_hash
                )
                for r in batch
            ],
            known_at=known_at,
        )
    return warehouse


@asynccontextmanager
async def reading() -> AsyncIterator[None]:
    yield None


def months(year: int, values: Sequence[int | None]) -> list[Row]:
    return [
        row(INVESTMENT, f"{year}-{number:02d}", value)
        for number, value in enumerate(values, start=1)
    ]


def period(text: str) -> Period:
    return parse_period(text)
