"""Values of an indicator in words: the number, its unit, what changed."""

from dataclasses import dataclass
from decimal import Decimal

from dashboard.formatting import decimal_of, number_text, unit_gap
from dashboard.text import Texts
from federation.api.schemas import IndicatorOut, TileOut

_PERCENT = "percent"
_MERGES_BY_ADDING = "sum"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeltaView:
    """A change: its arrow, its size, what it is measured against, good or bad."""

    arrow: str
    size: str
    against: str
    tone: str


def figure(number: Decimal, indicator: IndicatorOut, texts: Texts) -> str:
    """Return a number of an indicator with its unit: 1.213,8 tỷ đồng."""
    unit = unit_of(indicator, texts)
    plain = number_text(number, indicator.decimals, texts)
    return plain + unit_gap(unit, texts) + unit if unit else plain


def unit_of(indicator: IndicatorOut, texts: Texts) -> str:
    """Return the unit's short form."""
    return "%" if indicator.unit == _PERCENT else texts.of(indicator.unit_text)


def deltas(tile: TileOut, indicator: IndicatorOut, texts: Texts) -> list[DeltaView]:
    """Return the changes since the period before and since the year before."""
    now = decimal_of(tile.value.value)
    if now is None:
        return []
    compared = (
        (tile.previous, texts.get(f"delta.previous_{tile.value.frequency}", "")),
        (tile.year_ago, texts("delta.year_ago")),
    )
    return [
        _delta(now, before, against, indicator, texts)
        for before, against in ((decimal_of(text), words) for text, words in compared)
        if before is not None
    ]


def _delta(
    now: Decimal, before: Decimal, against: str, indicator: IndicatorOut, texts: Texts
) -> DeltaView:
    change, decimals = now - before, indicator.decimals
    if indicator.unit == _PERCENT:
        size, unit = change, texts("delta.points")
        decimals = _rough(size, decimals)
    elif before > 0 and _adds(indicator):
        size, unit = change / before * 100, "%"
        decimals = _rough(size, decimals)
    else:
        size, unit = change, unit_of(indicator, texts)
    plain = number_text(size, decimals, texts, signed=True)
    if not plain.startswith(("+", "−")):
        return DeltaView(
            arrow="=", size=texts("delta.same"), against=against, tone="neutral"
        )
    rises = change > 0
    tone = {"up": rises, "down": not rises}.get(indicator.direction)
    return DeltaView(
        arrow="↑" if rises else "↓",
        size=plain + unit_gap(unit, texts) + unit,
        against=against,
        tone="neutral" if tone is None else "good" if tone else "poor",
    )


def _rough(size: Decimal, decimals: int) -> int:
    """Return the decimals of a share: one, or more where one would hide a change."""
    return 1 if abs(size) >= Decimal("0.1") else max(decimals, 2)


def _adds(indicator: IndicatorOut) -> bool:
    """Tell whether a share of the figure means something (not so for a degree)."""
    return _MERGES_BY_ADDING in (indicator.over_time, indicator.over_place)
