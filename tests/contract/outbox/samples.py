"""Contracts and rows to send."""

from datetime import UTC, date, datetime, timedelta

from federation.model.indicator import Indicator, MergeRule, Text
from federation.model.locality import Locality
from federation.model.period import Frequency, period_of_day
from federation.model.row import Row, SeriesKey, State, base_row
from federation.model.status import Provenance, Status
from tests.indicators import an_indicator

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
STREAM = "vinh"
OTHER = "17443"


def text(words: str) -> Text:
    return Text(vi=words, en=words)


def indicator(
    id_: str = "environment.rain",
    *,
    frequency: Frequency = Frequency.DAY,
    unit: str = "mm",
    target: int | None = None,
) -> Indicator:
    return an_indicator(
        id_,
        unit=unit,
        scale=1,
        decimals=1,
        over_place=MergeRule.NONE,
        frequency=frequency,
        owner_agency="H41.SNNMT",
        target=target,
    )


RAIN = indicator()
SPENT = indicator("socio_economic.spent", frequency=Frequency.MONTH, unit="VND")

PROVINCE = Locality(
    id="40", code="40", name_vi="Nghệ An", name_en="Nghe An", level="province"
)
WARD = Locality(
    id="16681@2025-07-01",
    code="16681",
    name_vi="Thành Vinh",
    name_en="Thanh Vinh",
    level="commune",
    parent="40",
    valid_from=date(2025, 7, 1),
)


def rain(
    value: int,
    days_ago: int = 1,
    *,
    locality: str = WARD.id,
    source: str = "open_meteo",
    agency: str = "H41.SNNMT",
    indicator_id: str = RAIN.id,
    frequency: Frequency = Frequency.DAY,
) -> Row:
    return base_row(
        series=SeriesKey(indicator=indicator_id, locality=locality, agency=agency),
        period=period_of_day(frequency, TODAY - timedelta(days=days_ago)),
        state=State(value=value),
        status=Status.NORMAL,
        provenance=Provenance.FILE,
        recorded_at_us=1_763_000_000_000_000,
        source=source,
    )
