"""A tile: one series as a leader reads it, with everything that limits it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.components.figures import DeltaView, deltas, figure
from dashboard.components.headline import Headline, headline, number_words
from dashboard.components.judgement import CLOSED, StateView, state_view
from dashboard.components.silence import silence_words, silent_for
from dashboard.components.sparkline import POINTS_MAX, Sparkline, sparkline
from dashboard.components.tile_details import Detail, Namer, tile_details
from dashboard.formatting import (
    age_text,
    count_text,
    decimal_of,
    following_period,
    period_in_sentence,
    period_text,
)
from dashboard.text import Texts
from federation.api.owed_schemas import ObligationOut
from federation.api.schemas import CoverageOut, IndicatorOut, TileOut, ValueOut

TOLD_IN_TIME = ("on_time", "late")
"""What a tile tells of its deadline; what is still due its age and silence tell."""


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

    ``notes`` say what came after the period shown: nothing, or no figure, and why;
    ``silence`` who owes it since when. ``href`` leads to the page of the series.
    """

    anchor: str
    subject: str
    name: str
    full_name: str
    more_name: str
    place: str
    state: StateView
    headline: Headline
    target: str
    deltas: list[DeltaView]
    trend: TrendView
    age: str
    stale: bool
    coverage: CoverageView
    tags: list[Tag]
    notes: list[str]
    silence: str
    href: str
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
    silent: Sequence[ObligationOut] = (),
    href: str = "",
) -> TileView:
    """Return the words of a tile."""
    value = tile.value
    state = state_view(tile, texts)
    period = period_in_sentence(value.period, texts, calendar=value.calendar)
    return TileView(
        anchor=anchor,
        subject=texts.get(f"subsystem.{indicator.subsystem}", indicator.subsystem),
        name=texts.of(indicator.short_name),
        full_name=texts.of(indicator.name),
        more_name=_more_name(indicator, texts),
        place=names.place_beside_title(tile),
        state=state,
        headline=headline(value, indicator, texts),
        target=target_text(indicator, texts),
        deltas=deltas(tile, indicator, texts),
        trend=trend_view(tile, indicator, texts),
        age=texts("tile.age", period=period, age=age_text(value.period, now, texts)),
        stale=state.slug == "stale",
        coverage=value_coverage(value, texts),
        tags=tags_of(tile.value, texts, simulated=tile.simulated),
        notes=[*_later_notes(tile, texts), *filter(None, [_missing_note(tile, texts)])],
        silence="" if tile.simulated else _silence(tile, silent, texts),
        href=href,
        simulated=tile.simulated,
        details=tile_details(tile, indicator, names=names, texts=texts),
    )


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


def _later_notes(tile: TileOut, texts: Texts) -> list[str]:
    """Return which later periods have no figure to see, and why."""
    shown, calendar = tile.value.period, tile.value.calendar
    periods = [point.period for point in tile.trend]
    later = tile.trend[periods.index(shown) + 1 :] if shown in periods else []
    newest = {point.status: point.period for point in later if point.status in CLOSED}
    return [
        texts(
            "tile.later",
            period=period_text(period, texts, calendar=calendar),
            word=texts(f"value.{status}").lower(),
        )
        for status, period in newest.items()
    ]


def _silence(tile: TileOut, silent: Sequence[ObligationOut], texts: Texts) -> str:
    found = silent_for(silent, locality=tile.locality, indicator=tile.indicator)
    named = [one for one in found if one.agency in (None, tile.agency)]
    return silence_words(named, texts)


def target_text(indicator: IndicatorOut, texts: Texts) -> str:
    """Return what is aimed at, or nothing where there is no target."""
    target = decimal_of(indicator.target)
    if target is None:
        return ""
    direction = indicator.direction
    key = direction if direction in ("up", "down") else "neutral"
    return texts(f"tile.target_{key}", value=figure(target, indicator, texts))


def value_coverage(value: ValueOut, texts: Texts) -> CoverageView:
    """Return how much of what was owed is in a value; what is closed is not owed."""
    single = (value.coverage.expected or 0) <= 1
    if value.value is None and value.status in CLOSED and single:
        return CoverageView(words=texts("tile.coverage_closed"), share=None, whole=None)
    return coverage_view(value.coverage, texts)


def coverage_view(coverage: CoverageOut, texts: Texts) -> CoverageView:
    """Return n of N in words."""
    reported, expected = coverage.reported, coverage.expected
    if not expected:
        return CoverageView(
            words=texts("tile.coverage_unknown"), share=None, whole=None
        )
    whole = reported >= expected
    withheld = coverage.withheld_count
    if whole and expected == 1:
        return CoverageView(words=texts("tile.coverage_single"), share=None, whole=True)
    key = "tile.coverage_full" if whole else "tile.coverage"
    words = texts(
        key,
        reported=count_text(reported, texts),
        expected=count_text(expected, texts),
    )
    if withheld:
        kept = texts("tile.coverage_withheld", count=count_text(withheld, texts))
        words = f"{words} · {kept}"
    return CoverageView(
        words=words, share=min(100, 100 * reported // expected), whole=whole
    )


def tags_of(value: ValueOut, texts: Texts, *, simulated: bool) -> list[Tag]:
    """Return how the figure came, how certain it is and whether in time, as marks."""
    tags = []
    if not simulated and value.value is not None:
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
    if value.timeliness in TOLD_IN_TIME:
        kind = "plain" if value.timeliness == "on_time" else "uncertain"
        words = texts(f"timeliness.{value.timeliness}")
        tags.append(Tag(kind=kind, words=words))
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
        (period, number_words(number, point.status, indicator, texts))
        for period, number, point in zip(periods, numbers, points, strict=True)
    ]
    if drawing is None:
        words = texts("trend.single") if known else ""
        return TrendView(drawing=None, words=words, rows=rows)
    words = texts(
        "trend.alt",
        count=len(points),
        first=periods[0],
        last=periods[-1],
        low=figure(min(known), indicator, texts),
        high=figure(max(known), indicator, texts),
    )
    return TrendView(drawing=drawing, words=words, rows=rows[::-1])
