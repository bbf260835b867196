"""The table of the localities below: who is connected, how far, and with what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.components.figures import unit_of
from dashboard.components.headline import absence_word
from dashboard.components.silence import silence_words, silent_for
from dashboard.formatting import (
    age_text,
    collation_key,
    count_text,
    decimal_of,
    moment_text,
    number_text,
    parsed_moment,
    period_text,
)
from dashboard.text import Texts
from federation.api.owed_schemas import ObligationOut
from federation.api.schemas import IndicatorOut, OverviewOut, PlaceRow

_ORDER = {"silent": 0, "connected": 1, "simulated": 2, "not_connected": 3}
_UNCERTAIN = ("estimated", "provisional")
_STATE_OF = {
    "connected": "ok",
    "simulated": "simulated",
    "silent": "stale",
    "not_connected": "none",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of figures: the indicator's short name and its unit."""

    name: str
    unit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """A figure, or the word for its absence; ``note`` says how certain it is."""

    words: str
    absent: bool
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceView:
    """A row: a locality and what is known of it.

    ``level`` is told only in a table of several levels. The figures and the period are
    real ones; of simulated series only the number is told.
    """

    name: str
    level: str
    connection: str
    state: str
    silence: str
    cells: list[Cell]
    real: str
    simulated: str
    period: str
    age: str
    known: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """One part of the bar above the table."""

    slug: str
    count: int
    told: str
    words: str
    per_mille: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacesView:
    """The table with its bar; ``rest`` tells of those without a row."""

    title: str
    lead: str
    shares: list[Share]
    columns: list[Column]
    rows: list[PlaceView]
    rest: str


def places_view(
    overview: OverviewOut,
    *,
    now: datetime,
    texts: Texts,
    silent: Sequence[ObligationOut] = (),
) -> PlacesView:
    """Return the localities below the tier's own, the late ones first."""
    columns = [
        overview.indicators[name]
        for name in overview.place_columns
        if name in overview.indicators
    ]
    ordered = sorted(overview.places, key=lambda row: _place_order(row, texts))
    without_row = overview.not_connected_count
    levels = {row.level for row in overview.places}
    level = levels.pop() if len(levels) == 1 else ""
    return PlacesView(
        title=texts.get(f"places.title_{level}", texts("places.title")),
        lead=texts(
            "places.lead",
            known=count_text(len(overview.places), texts),
            count=count_text(overview.place_count, texts),
        ),
        shares=_shares(overview, texts),
        columns=[
            Column(name=texts.of(column.short_name), unit=unit_of(column, texts))
            for column in columns
        ],
        rows=[
            _row(row, columns, now, texts, silent=silent, one_level=bool(level))
            for row in ordered
        ],
        rest=texts("places.rest", count=count_text(without_row, texts))
        if without_row
        else "",
    )


def _place_order(row: PlaceRow, texts: Texts) -> tuple[int, bool, object]:
    """Return the key of a row: the late, then those without a figure, then by name."""
    without_figure = row.real_count > 0 and row.last_period is None
    return _ORDER[_standing(row)], not without_figure, collation_key(texts.of(row.name))


def _standing(row: PlaceRow) -> str:
    """Return how a place reports; only real figures make it one that is on time."""
    made_up = row.real_count == 0 and row.simulated_count > 0
    if made_up and row.connection == "connected":
        return "simulated"
    return row.connection


def _shares(overview: OverviewOut, texts: Texts) -> list[Share]:
    counts = {
        name: sum(_standing(row) == name for row in overview.places)
        for name in _STATE_OF
    }
    counts["not_connected"] += overview.not_connected_count
    total = max(1, sum(counts.values()))
    return [
        Share(
            slug=_STATE_OF[name],
            count=count,
            told=count_text(count, texts),
            words=texts(f"connection.{name}"),
            per_mille=1000 * count // total,
        )
        for name, count in counts.items()
        if count or name != "simulated"
    ]


def _row(
    row: PlaceRow,
    columns: list[IndicatorOut],
    now: datetime,
    texts: Texts,
    *,
    silent: Sequence[ObligationOut],
    one_level: bool,
) -> PlaceView:
    known = parsed_moment(row.last_known_at)
    period = row.last_period if row.real_count else None
    standing = _standing(row)
    return PlaceView(
        name=texts.of(row.name),
        level="" if one_level else texts.get(f"place_level.{row.level}", row.level),
        connection=texts(f"connection.{standing}"),
        state=_STATE_OF[standing],
        silence=silence_words(silent_for(silent, locality=row.locality), texts)
        if standing == "silent"
        else "",
        cells=[_cell(row, column, texts) for column in columns],
        real=texts("places.real", count=count_text(row.real_count, texts))
        if row.real_count
        else texts("places.no_real"),
        simulated=texts(
            "places.simulated", count=count_text(row.simulated_count, texts)
        )
        if row.simulated_count
        else "",
        period=period_text(period, texts) if period else "",
        age=age_text(period, now, texts) if period else "",
        known="" if known is None else moment_text(known, texts),
    )


def _cell(row: PlaceRow, column: IndicatorOut, texts: Texts) -> Cell:
    number = decimal_of(row.values.get(column.id))
    status = row.statuses.get(column.id, "")
    if number is None:
        words = absence_word(status, texts) if status else texts("places.never")
        return Cell(words=words, absent=True)
    if status == "no_activity":
        return Cell(words=texts("value.no_activity"), absent=True)
    note = texts(f"status.{status}") if status in _UNCERTAIN else ""
    words = number_text(number, column.decimals, texts)
    return Cell(words=words, absent=False, note=note)
