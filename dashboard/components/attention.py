"""What a leader reads first: how many are in which state, and what needs somebody."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.components.figures import figure
from dashboard.components.judgement import STATES, state_of
from dashboard.components.tile_details import Namer
from dashboard.formatting import (
    age_text,
    collation_key,
    count_text,
    decimal_of,
    following_period,
    period_in_sentence,
)
from dashboard.text import Texts
from federation.api.schemas import IndicatorOut, OverviewOut, TileOut

ITEMS_MAX = 6
"""More lines than this are only counted: the tiles below show them."""

_NAMES_MAX = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class StateCount:
    """How many tiles are in one state."""

    slug: str
    word: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AttentionItem:
    """One thing to look at: its state, what it is about, what is the matter."""

    slug: str
    word: str
    subject: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AttentionView:
    """The first panel of the page."""

    counts: list[StateCount]
    items: list[AttentionItem]
    more: str


def attention_view(
    overview: OverviewOut, *, now: datetime, names: Namer, texts: Texts
) -> AttentionView:
    """Return what stands out among the real figures, the worst first."""
    tiles = overview.tiles
    found = Counter(state_of(tile) for tile in tiles)
    items = [
        *_judged(tiles, overview.indicators, names, texts),
        *_silent_places(overview, texts),
        *_missing(tiles, overview.indicators, names, texts),
        *_stale(tiles, overview.indicators, now, names, texts),
    ]
    rest = len(items) - ITEMS_MAX
    return AttentionView(
        counts=[
            StateCount(slug=slug, word=texts(f"state.{slug}"), count=found[slug])
            for slug in STATES
            if found[slug]
        ],
        items=items[:ITEMS_MAX],
        more=texts("attention.more", count=count_text(rest, texts)) if rest > 0 else "",
    )


def _item(
    slug: str, subject: str, words: str, texts: Texts, *, word: str = ""
) -> AttentionItem:
    named = word or texts(f"state.{slug}")
    return AttentionItem(slug=slug, word=named, subject=subject, words=words)


def _subject(
    tile: TileOut, indicators: Mapping[str, IndicatorOut], names: Namer, texts: Texts
) -> str:
    return _named(_short(tile, indicators, texts), [names.place_in_brackets(tile)])


def _short(tile: TileOut, indicators: Mapping[str, IndicatorOut], texts: Texts) -> str:
    return texts.of(indicators[tile.indicator].short_name)


def _named(name: str, places: Sequence[str]) -> str:
    """Return an indicator's name with the places it is about: PM2.5 – A, B."""
    told = ", ".join(filter(None, places))
    return f"{name} – {told}" if told else name


def _judged(
    tiles: Sequence[TileOut],
    indicators: Mapping[str, IndicatorOut],
    names: Namer,
    texts: Texts,
) -> list[AttentionItem]:
    items = []
    for slug in ("bad", "watch"):
        for tile in tiles:
            number = decimal_of(tile.value.value)
            if number is None or state_of(tile) != slug:
                continue
            indicator = indicators[tile.indicator]
            value = figure(number, indicator, texts)
            target = decimal_of(indicator.target)
            words = value
            if target is not None:
                aimed = figure(target, indicator, texts)
                words = texts("attention.target", value=value, target=aimed)
            subject = _subject(tile, indicators, names, texts)
            items.append(_item(slug, subject, words, texts))
    return items


def _missing(
    tiles: Sequence[TileOut],
    indicators: Mapping[str, IndicatorOut],
    names: Namer,
    texts: Texts,
) -> list[AttentionItem]:
    found: dict[str, dict[str, list[str]]] = {}
    for tile in tiles:
        words = _missing_since(tile, texts)
        if words:
            name = _short(tile, indicators, texts)
            places = found.setdefault(words, {}).setdefault(name, [])
            places.append(names.place_in_brackets(tile))
    return [
        _item(
            "none",
            listed([_named(*subject) for subject in subjects.items()], texts),
            words,
            texts,
            word=texts("attention.missing_word"),
        )
        for words, subjects in found.items()
    ]


def _missing_since(tile: TileOut, texts: Texts) -> str:
    """Return which figure is owed, or nothing where none is."""
    calendar = tile.value.calendar
    if state_of(tile) == "none":
        period = period_in_sentence(tile.value.period, texts, calendar=calendar)
        return texts("attention.missing", period=period)
    if not tile.last_missing:
        return ""
    since = following_period(tile.value.period)
    period = period_in_sentence(since, texts, calendar=calendar)
    return texts("attention.missing_since", period=period)


def listed(names: list[str], texts: Texts, *, key: str = "attention.others") -> str:
    """Return the first names in one line, and how many more there are."""
    shown = "; ".join(names[:_NAMES_MAX])
    rest = len(names) - _NAMES_MAX
    return texts(key, names=shown, count=count_text(rest, texts)) if rest > 0 else shown


def _stale(
    tiles: Sequence[TileOut],
    indicators: Mapping[str, IndicatorOut],
    now: datetime,
    names: Namer,
    texts: Texts,
) -> list[AttentionItem]:
    stale = [tile for tile in tiles if state_of(tile) == "stale"]
    if not stale:
        return []
    oldest = min(stale, key=lambda tile: tile.value.period_end)
    key = "many" if len(stale) < len(tiles) else "all"
    words = texts(
        f"attention.stale_{key if len(stale) > 1 else 'one'}",
        count=count_text(len(stale), texts),
        name=_subject(oldest, indicators, names, texts),
        period=period_in_sentence(
            oldest.value.period, texts, calendar=oldest.value.calendar
        ),
        age=age_text(oldest.value.period, now, texts),
    )
    return [_item("stale", "", words, texts)]


def _silent_places(overview: OverviewOut, texts: Texts) -> list[AttentionItem]:
    silent = [place for place in overview.places if place.connection == "silent"]
    if not silent:
        return []
    names = sorted((texts.of(place.name) for place in silent), key=collation_key)
    shown = listed(names, texts, key="attention.other_places")
    key = "attention.silent_one" if len(silent) == 1 else "attention.silent_many"
    words = texts(key, count=count_text(len(silent), texts), names=shown)
    return [_item("stale", "", words, texts, word=texts("connection.silent"))]
