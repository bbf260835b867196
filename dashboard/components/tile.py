"""A tile: one series as a leader reads it, with everything that limits it."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from dashboard.components.figures import DeltaView, deltas, figure, unit_of
from dashboard.components.judgement import StateView, state_view
from dashboard.components.sparkline import POINTS_MAX, Sparkline, sparkline
from dashboard.components.tile_details import Detail, Namer, tile_details
from dashboard.formatting import (
    age_text,
    count_text,
    decimal_of,
    following_period,
    number_text,
    period_in_sentence,
    period_text,
    unit_gap,
)
from dashboard.text import Texts
from federation.api.schemas import CoverageOut, IndicatorOut, TileOut

_SMALL_DECIMALS_MIN = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Tag:
    """A mark on a tile: how the figure came, or how certain it is."""

    kind: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CoverageView:
    """How much of what was owed is in the figure; ``share`` is in per cent.

    ``whole`` is unknown (None) where nobody said how much is owed.
    """

    words: str
    share: int | None
    whole: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TrendView:
    """The trend as a drawing, as a sentence, and as rows of (period, value)."""

    drawing: Sparkline | None
    words: str
    rows: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class TileView:
    """The words of a tile, in the order in which they are read.

    ``fraction`` holds two and more decimals, set smaller than the ``value`` before it,
    so that nobody takes them for thousands.
    """

    anchor: str
    subject: str
    name: str
    full_name: str
    more_name: str
    place: str
    state: StateView
    value: str
    fraction: str
    unit: str
    absent: str
    target: str
    deltas: list[DeltaView]
    trend: TrendView
    age: str
    stale: bool
    coverage: CoverageView
    tags: list[Tag]
    missing_note: str
    simulated: bool
    details: list[Detail] = field(default_factory=list)


def tile_view(
    tile: TileOut,
    indicator: IndicatorOut,
    *,
    anchor: str,
    now: datetime,
    names: Namer,
    texts: Texts,
) -> TileView:
    """Return the words of a tile."""
    number = decimal_of(tile.value.value)
    value = tile.value
    unit = unit_of(indicator, texts) if number is not None else ""
    state = state_view(tile, texts)
    period = period_in_sentence(value.period, texts, calendar=value.calendar)
    whole, fraction = _parted(number, indicator.decimals, texts)
    return TileView(
        anchor=anchor,
        subject=texts.get(f"subsystem.{indicator.subsystem}", indicator.subsystem),
        name=texts.of(indicator.short_name),
        full_name=texts.of(indicator.name),
        more_name=_more_name(indicator, texts),
        place=names.place_beside_title(tile),
        state=state,
        value=whole,
        fraction=fraction,
        unit=unit_gap(unit, texts) + unit if unit else "",
        absent=texts.get(f"value.{value.status}", texts("value.none"))
        if number is None
        else "",
        target=target_text(indicator, texts),
        deltas=deltas(tile, indicator, texts),
        trend=trend_view(tile, indicator, texts),
        age=texts("tile.age", period=period, age=age_text(value.period, now, texts)),
        stale=state.slug == "stale",
        coverage=coverage_view(value.coverage, texts),
        tags=tags_of(tile, texts),
        missing_note=_missing_note(tile, texts),
        simulated=tile.simulated,
        details=tile_details(tile, indicator, names=names, texts=texts),
    )


def _parted(number: Decimal | None, decimals: int, texts: Texts) -> tuple[str, str]:
    """Return a number as what is set large and what is set small."""
    if number is None:
        return "", ""
    plain = number_text(number, decimals, texts)
    if decimals < _SMALL_DECIMALS_MIN:
        return plain, ""
    return plain[: -decimals - 1], plain[-decimals - 1 :]


def _more_name(indicator: IndicatorOut, texts: Texts) -> str:
    """Return the full name where it tells more than the short one."""
    full = texts.of(indicator.name)
    return "" if full == texts.of(indicator.short_name) else full


def _missing_note(tile: TileOut, texts: Texts) -> str:
    """Return since when figures are owed: nothing came after the one shown."""
    if not tile.last_missing:
        return ""
    since = following_period(tile.value.period)
    period = period_in_sentence(since, texts, calendar=tile.value.calendar)
    return texts("tile.missing_note", period=period)


def target_text(indicator: IndicatorOut, texts: Texts) -> str:
    """Return what is aimed at, or nothing where there is no target."""
    target = decimal_of(indicator.target)
    if target is None:
        return ""
    direction = indicator.direction
    key = direction if direction in ("up", "down") else "neutral"
    return texts(f"tile.target_{key}", value=figure(target, indicator, texts))


def coverage_view(coverage: CoverageOut, texts: Texts) -> CoverageView:
    """Return n of N in words."""
    reported, expected = coverage.reported, coverage.expected
    if expected <= 0:
        return CoverageView(
            words=texts("tile.coverage_unknown"), share=None, whole=None
        )
    whole = reported >= expected
    if whole and expected == 1:
        return CoverageView(words=texts("tile.coverage_single"), share=None, whole=True)
    key = "tile.coverage_full" if whole else "tile.coverage"
    words = texts(
        key,
        reported=count_text(reported, texts),
        expected=count_text(expected, texts),
    )
    return CoverageView(
        words=words, share=min(100, 100 * reported // expected), whole=whole
    )


def tags_of(tile: TileOut, texts: Texts) -> list[Tag]:
    """Return how the figure came and how certain it is, as marks."""
    value = tile.value
    tags = []
    if not tile.simulated:
        total = sum(value.provenances.values())
        made_up = value.provenances.get("simulated", 0)
        if made_up:
            words = texts(
                "simulated.part",
                count=count_text(made_up, texts),
                total=count_text(total, texts),
            )
            tags.append(Tag(kind="simulated", words=words))
        tags.extend(
            Tag(kind="provenance", words=texts(f"provenance.{name}"))
            for name in ("automatic", "file", "manual")
            if value.provenances.get(name) or (not total and name == value.provenance)
        )
    contributors = sum(value.statuses.values())
    for name in ("estimated", "provisional"):
        count = value.statuses.get(name, 0)
        if count or value.status == name:
            words = texts(f"status.{name}")
            part = (
                f"{words} {count_text(count, texts)}/{count_text(contributors, texts)}"
                if count < contributors
                else words
            )
            tags.append(Tag(kind="uncertain", words=part if count else words))
    if value.status == "no_activity":
        tags.append(Tag(kind="plain", words=texts("status.no_activity")))
    if value.unconfirmed:
        tags.append(Tag(kind="uncertain", words=texts("tile.unconfirmed")))
    if value.adjusted:
        tags.append(Tag(kind="uncertain", words=texts("tile.adjusted")))
    return tags


def trend_view(tile: TileOut, indicator: IndicatorOut, texts: Texts) -> TrendView:
    """Return the trend; one known period alone draws no line."""
    points = tile.trend[-POINTS_MAX:]
    numbers = [decimal_of(point.value) for point in points]
    calendar = tile.value.calendar
    periods = [period_text(point.period, texts, calendar=calendar) for point in points]
    known = [number for number in numbers if number is not None]
    drawing = sparkline(numbers)
    rows = [
        (period, _row_value(number, point.status, indicator, texts))
        for period, number, point in zip(periods, numbers, points, strict=True)
    ]
    if drawing is None:
        return TrendView(drawing=None, words=texts("trend.single"), rows=rows)
    words = texts(
        "trend.alt",
        count=len(points),
        first=periods[0],
        last=periods[-1],
        low=figure(min(known), indicator, texts),
        high=figure(max(known), indicator, texts),
    )
    return TrendView(drawing=drawing, words=words, rows=rows[::-1])


def _row_value(
    number: Decimal | None, status: str, indicator: IndicatorOut, texts: Texts
) -> str:
    if number is None:
        return texts.get(f"value.{status}", texts("value.none"))
    return figure(number, indicator, texts)
