"""Values of an indicator in words: the number, its unit, what changed.

A change is shown only between like and like. Over a month or longer that is the same
period of the year before: a figure counted from January, or one with seasons, falls and
rises by itself from one month to the next.
"""

from dataclasses import dataclass
from decimal import Decimal

from dashboard.formatting import decimal_of, number_text, unit_gap
from dashboard.text import Texts
from federation.api.schemas import IndicatorOut, TileOut

_PERCENT = "percent"
_MERGES_BY_ADDING = "sum"
_MERGES_WITH_NOTHING = "none"
_YEARLY = ("year", "school_year")
_SEASONAL = ("month", "quarter")
_SMALL_COUNT = 100
"""Below it a count changes by so many, not by a share that a few cases make large."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeltaView:
    """A change: its arrow, its size, what it is measured against, good or bad.

    ``verdict`` says in a word what the colour of ``tone`` says; it is empty where the
    change is neither good nor bad.
    """

    arrow: str
    size: str
    against: str
    tone: str
    verdict: str


def figure(number: Decimal, indicator: IndicatorOut, texts: Texts) -> str:
    """Return a number of an indicator with its unit: 1.213,8 tỷ đồng."""
    unit = unit_of(indicator, texts)
    plain = number_text(number, indicator.decimals, texts)
    return plain + unit_gap(unit, texts) + unit if unit else plain


def unit_of(indicator: IndicatorOut, texts: Texts) -> str:
    """Return the unit's short form."""
    return "%" if indicator.unit == _PERCENT else texts.of(indicator.unit_text)


def deltas(tile: TileOut, indicator: IndicatorOut, texts: Texts) -> list[DeltaView]:
    """Return the changes worth showing, the one that means most first.

    Only that one is called good or bad, and only while the figure is fresh.
    """
    now = decimal_of(tile.value.value)
    if now is None:
        return []
    found = [
        (before, words)
        for text, words in _compared(tile, indicator, texts)
        if (before := decimal_of(text)) is not None
    ]
    return [
        _delta(
            now,
            before,
            words,
            indicator,
            texts,
            judged=number == 0 and tile.freshness == "fresh",
        )
        for number, (before, words) in enumerate(found)
    ]


def _compared(
    tile: TileOut, indicator: IndicatorOut, texts: Texts
) -> list[tuple[str | None, str]]:
    frequency = tile.value.frequency
    before = (tile.previous, texts.get(f"delta.previous_{frequency}", ""))
    year_ago = (tile.year_ago, texts("delta.year_ago"))
    if frequency in _YEARLY:
        return [before]
    if frequency in _SEASONAL:
        cumulative = indicator.over_time == _MERGES_WITH_NOTHING
        return [year_ago] if cumulative else [year_ago, before]
    return [before, year_ago]


def _delta(
    now: Decimal,
    before: Decimal,
    against: str,
    indicator: IndicatorOut,
    texts: Texts,
    *,
    judged: bool,
) -> DeltaView:
    change, decimals = now - before, indicator.decimals
    if indicator.unit == _PERCENT:
        size, unit = change, texts("delta.points")
    elif before > 0 and _adds(indicator) and not _is_small_count(before, indicator):
        size, unit = change / before * 100, "%"
    else:
        size, unit = change, unit_of(indicator, texts)
        decimals = min(decimals, 1) if abs(size) >= 1 else decimals
    if unit != unit_of(indicator, texts) or indicator.unit == _PERCENT:
        decimals = _rough(size, decimals)
    plain = number_text(size, decimals, texts, signed=True)
    if not plain.startswith(("+", "−")):
        return DeltaView(
            arrow="=",
            size=texts("delta.same"),
            against=against,
            tone="neutral",
            verdict="",
        )
    rises = change > 0
    good = {"up": rises, "down": not rises}.get(indicator.direction)
    tone = "neutral" if good is None or not judged else "good" if good else "poor"
    return DeltaView(
        arrow="↑" if rises else "↓",
        size=plain + unit_gap(unit, texts) + unit,
        against=against,
        tone=tone,
        verdict="" if tone == "neutral" else texts(f"delta.{tone}"),
    )


def _is_small_count(before: Decimal, indicator: IndicatorOut) -> bool:
    return indicator.decimals == 0 and before < _SMALL_COUNT


def _rough(size: Decimal, decimals: int) -> int:
    """Return the decimals of a share: one, or more where one would hide a change."""
    return 1 if abs(size) >= Decimal("0.1") else max(decimals, 2)


def _adds(indicator: IndicatorOut) -> bool:
    """Tell whether a share of the figure means something (not so for a degree)."""
    return _MERGES_BY_ADDING in (indicator.over_time, indicator.over_place)
