"""How a tile is judged in the end, as one state with a shape and a word.

Precedence: no value, then stale, then the judgement against the target. A stale figure
keeps its last judgement beside it, and is never shown as a fresh one.
"""

from dataclasses import dataclass

from dashboard.formatting import parsed_moment
from dashboard.text import Texts
from federation.api.schemas import IndicatorOut, TileOut

CLOSED = ("withheld", "suppressed", "not_collected", "deleted")
"""Reasons why there is no figure to see though nobody failed to give one."""

STATES = ("bad", "watch", "none", "stale", "ok", "unjudged", *CLOSED)
"""All states, those that need somebody first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StateView:
    """A state: its name in the style sheet, its word, and the word it had before."""

    slug: str
    word: str
    last: str = ""


_SEVERITY = {"bad": 0, "watch": 1, "none": 2}
_RATE = "percent"


def order_of(tile: TileOut, indicator: IndicatorOut) -> tuple[int, bool, float, bool]:
    """Return the key that sorts tiles: what is worse, then what is more current.

    Of the same severity a current figure stands before a stale one, and a later
    period before an earlier one; an amount before a rate.
    """
    severity = "none" if tile.value.value is None else tile.judgement
    end = parsed_moment(tile.value.period_end)
    return (
        _SEVERITY.get(severity, len(_SEVERITY)),
        tile.freshness != "fresh",
        0.0 if end is None else -end.timestamp(),
        indicator.unit == _RATE,
    )


def state_of(tile: TileOut) -> str:
    """Return the state of a tile."""
    if tile.value.value is None and tile.value.status in CLOSED:
        return tile.value.status
    if tile.judgement == "none" or tile.freshness == "silent":
        return "none"
    if tile.value.value is None:
        return "none"
    if tile.freshness == "stale":
        return "stale"
    return tile.judgement


def state_view(tile: TileOut, texts: Texts) -> StateView:
    """Return how the state of a tile is said."""
    slug = state_of(tile)
    judged = tile.judgement in ("bad", "watch", "ok")
    last = texts(f"state.{tile.judgement}") if slug == "stale" and judged else ""
    return StateView(
        slug=slug,
        word=texts(f"state.{slug}"),
        last=texts("state.last", word=last) if last else "",
    )
