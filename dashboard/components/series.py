"""The series of an indicator at a place: a line for each period, gaps included."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.components.figures import figure
from dashboard.components.headline import absence_word, number_words, value_words
from dashboard.components.sparkline import POINTS_MAX, Sparkline, sparkline
from dashboard.components.tile import value_coverage
from dashboard.formatting import (
    count_text,
    decimal_of,
    following_period,
    moment_text,
    parsed_moment,
    period_text,
)
from dashboard.text import Texts
from federation.api.schemas import IndicatorOut, ValueOut

REPORTED = "reported"
ROLLED_UP = "rolled_up"


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesLine:
    """One period: both statements side by side, and what limits them."""

    period: str
    href: str
    chosen: bool
    reported: str
    rolled_up: str
    difference: str
    status: str
    provenance: str
    coverage: str
    timeliness: str
    known: str
    absent: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesView:
    """The newest periods, the newest first; columns that say nothing are left out."""

    lines: list[SeriesLine]
    drawing: Sparkline | None
    words: str
    both: bool
    timed: bool


def series_view(
    series: Sequence[ValueOut],
    indicator: IndicatorOut,
    *,
    chosen: str,
    href: Callable[[str], str],
    texts: Texts,
) -> SeriesView:
    """Return a series, oldest first, as lines, the newest first."""
    lines: list[SeriesLine] = []
    for value, later in zip(series, [*series[1:], None], strict=True):
        lines.append(_line(value, indicator, chosen, href(value.period), texts))
        missing = following_period(value.period)
        while (
            later is not None
            and missing < later.period
            and len(missing) == len(later.period)
        ):
            lines.append(_gap(missing, value, href(missing), texts))
            missing = following_period(missing)
    newest = lines[-POINTS_MAX:]
    numbers = [decimal_of(one.value) for one in series]
    known = [number for number in numbers if number is not None]
    drawing = sparkline(numbers)
    words = ""
    if drawing is not None:
        first, last = series[max(0, len(series) - POINTS_MAX)], series[-1]
        words = texts(
            "trend.alt",
            count=min(len(series), POINTS_MAX),
            first=period_text(first.period, texts, calendar=first.calendar),
            last=period_text(last.period, texts, calendar=last.calendar),
            low=figure(min(known), indicator, texts),
            high=figure(max(known), indicator, texts),
        )
    return SeriesView(
        lines=newest[::-1],
        drawing=drawing,
        words=words,
        both=any(one.twin for one in series),
        timed=any(one.timeliness for one in series),
    )


def kinds(counts: dict[str, int], leading: str, section: str, texts: Texts) -> str:
    """Return the kinds of contributors, with their counts when there are several."""
    there = {name: count for name, count in counts.items() if count}
    if len(there) < 2:
        only = next(iter(there), leading)
        return texts.get(f"{section}.{only}", only)
    return " · ".join(
        texts(
            "detail.count",
            word=texts.get(f"{section}.{name}", name),
            count=count_text(count, texts),
        )
        for name, count in there.items()
    )


def _line(
    value: ValueOut, indicator: IndicatorOut, chosen: str, href: str, texts: Texts
) -> SeriesLine:
    own = value_words(value, indicator, texts)
    twin, difference = "", ""
    if value.twin is not None:
        number = decimal_of(value.twin.value)
        twin = number_words(number, value.twin.status, indicator, texts)
        apart = decimal_of(value.twin.difference)
        difference = "" if apart is None else figure(apart, indicator, texts)
    rolled_up = value.basis == ROLLED_UP
    known = parsed_moment(value.known_at)
    return SeriesLine(
        period=period_text(value.period, texts, calendar=value.calendar),
        href=href,
        chosen=value.period == chosen,
        reported=twin if rolled_up else own,
        rolled_up=own if rolled_up else twin,
        difference=difference,
        status=kinds(value.statuses, value.status, "status", texts),
        provenance=""
        if value.value is None
        else kinds(value.provenances, value.provenance, "provenance", texts),
        coverage=value_coverage(value, texts).words,
        timeliness=texts(f"timeliness.{value.timeliness}") if value.timeliness else "",
        known="" if known is None else moment_text(known, texts),
        absent=value.value is None,
    )


def _gap(period: str, before: ValueOut, href: str, texts: Texts) -> SeriesLine:
    """Return the line of a period of which nothing was ever said."""
    nothing = absence_word("missing", texts)
    return SeriesLine(
        period=period_text(period, texts, calendar=before.calendar),
        href="",
        chosen=False,
        reported="" if before.basis == ROLLED_UP else nothing,
        rolled_up=nothing if before.basis == ROLLED_UP else "",
        difference="",
        status=texts("status.missing"),
        provenance="",
        coverage="",
        timeliness="",
        known="",
        absent=True,
    )
