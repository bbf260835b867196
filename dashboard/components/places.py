"""The table of the localities below: who is connected, how far, and with what."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.components.figures import unit_of
from dashboard.formatting import (
    age_text,
    decimal_of,
    moment_text,
    number_text,
    parsed_moment,
    period_text,
)
from dashboard.text import Texts
from federation.api.schemas import IndicatorOut, OverviewOut, PlaceRow

_ORDER = {"silent": 0, "connected": 1, "not_connected": 2}
_STATE_OF = {"silent": "stale", "connected": "ok", "not_connected": "none"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of figures: the indicator's short name and its unit."""

    name: str
    unit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """A figure, or the word for its absence."""

    words: str
    absent: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceView:
    """A row: a locality and what is known of it."""

    name: str
    level: str
    connection: str
    state: str
    cells: list[Cell]
    series: str
    only_simulated: bool
    period: str
    age: str
    known: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """One part of the bar above the table."""

    slug: str
    count: int
    words: str
    per_mille: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacesView:
    """The table with its bar; ``rest`` tells of those without a row."""

    total: int
    total_words: str
    shares: list[Share]
    columns: list[Column]
    rows: list[PlaceView]
    rest: str


def places_view(overview: OverviewOut, *, now: datetime, texts: Texts) -> PlacesView:
    """Return the localities below the tier's own, the late ones first."""
    columns = [
        overview.indicators[name]
        for name in overview.place_columns
        if name in overview.indicators
    ]
    ordered = sorted(overview.places, key=lambda row: _ORDER[row.connection])
    without_row = overview.not_connected_count
    return PlacesView(
        total=overview.place_count,
        total_words=texts("places.lead_of", count=overview.place_count),
        shares=_shares(overview, texts),
        columns=[
            Column(name=texts.of(column.short_name), unit=unit_of(column, texts))
            for column in columns
        ],
        rows=[_row(row, columns, now, texts) for row in ordered],
        rest=texts("places.rest", count=without_row) if without_row else "",
    )


def _shares(overview: OverviewOut, texts: Texts) -> list[Share]:
    counts = {
        name: sum(row.connection == name for row in overview.places)
        for name in ("connected", "silent", "not_connected")
    }
    counts["not_connected"] += overview.not_connected_count
    total = max(1, sum(counts.values()))
    return [
        Share(
            slug=_STATE_OF[name],
            count=count,
            words=texts(f"connection.{name}"),
            per_mille=1000 * count // total,
        )
        for name, count in counts.items()
    ]


def _row(
    row: PlaceRow, columns: list[IndicatorOut], now: datetime, texts: Texts
) -> PlaceView:
    known = parsed_moment(row.last_known_at)
    return PlaceView(
        name=texts.of(row.name),
        level=texts.get(f"place_level.{row.level}", row.level),
        connection=texts(f"connection.{row.connection}"),
        state=_STATE_OF[row.connection],
        cells=[_cell(row.values.get(column.id), column, texts) for column in columns],
        series=_series(row, texts),
        only_simulated=row.simulated_count > 0 and row.real_count == 0,
        period=period_text(row.last_period, texts) if row.last_period else "",
        age=age_text(row.last_period, now, texts) if row.last_period else "",
        known="" if known is None else moment_text(known, texts),
    )


def _cell(value: str | None, column: IndicatorOut, texts: Texts) -> Cell:
    number = decimal_of(value)
    if number is None:
        return Cell(words=texts("places.absent"), absent=True)
    return Cell(words=number_text(number, column.decimals, texts), absent=False)


def _series(row: PlaceRow, texts: Texts) -> str:
    if row.real_count and row.simulated_count:
        return texts(
            "places.series_value", real=row.real_count, simulated=row.simulated_count
        )
    if row.simulated_count:
        return texts("places.series_simulated", simulated=row.simulated_count)
    return texts("places.series_real", real=row.real_count)
