"""What a value says at a glance, by its measure, and the word where it says nothing.

Zero is a number. "No activity", missing, not collected, withheld, suppressed and
deleted are words, each its own, so that none is taken for another.
"""

from dataclasses import dataclass
from decimal import Decimal

from dashboard.components.figures import figure, unit_of
from dashboard.formatting import count_text, decimal_of, number_text, unit_gap
from dashboard.text import Texts
from federation.api.schemas import DistinctOut, IndicatorOut, ValueOut

_SMALL_DECIMALS_MIN = 2
_NO_ACTIVITY = "no_activity"


@dataclass(frozen=True, kw_only=True, slots=True)
class Headline:
    """A figure with its unit, or words in its place; ``beside`` explains either.

    ``fraction`` holds two and more decimals, set smaller than the ``value`` before it,
    so that nobody takes them for thousands. ``words`` is empty where there is a value.
    """

    value: str = ""
    fraction: str = ""
    unit: str = ""
    words: str = ""
    beside: str = ""


def absence_word(status: str, texts: Texts) -> str:
    """Return why there is no figure, in a word or two."""
    return texts.get(f"value.{status}", texts("value.none"))


def headline(value: ValueOut, indicator: IndicatorOut, texts: Texts) -> Headline:
    """Return what stands largest in a card."""
    number = decimal_of(value.value)
    if number is None:
        return Headline(
            words=absence_word(value.status, texts), beside=_ground(value, texts)
        )
    if value.status == _NO_ACTIVITY:
        return Headline(
            words=texts("value.no_activity"), beside=texts("value.no_activity_note")
        )
    if value.top:
        first = value.top[0]
        beside = texts(
            "measure.top_first",
            share=_share(first.count, number, texts),
            count=count_text(first.count, texts),
            total=figure(number, indicator, texts),
        )
        return Headline(words=texts.of(first.name), beside=beside)
    if value.distinct is not None:
        return _distinct(value.distinct, indicator, texts)
    beside = ""
    if value.quantiles is not None:
        nine_tenths = decimal_of(value.quantiles.p90)
        beside = texts(
            "measure.p90",
            value=texts("value.none")
            if nine_tenths is None
            else figure(nine_tenths, indicator, texts),
        )
    whole, fraction = _parted(number, indicator.decimals, texts)
    unit = unit_of(indicator, texts)
    return Headline(
        value=whole,
        fraction=fraction,
        unit=unit_gap(unit, texts) + unit if unit else "",
        beside=beside,
    )


def value_words(value: ValueOut, indicator: IndicatorOut, texts: Texts) -> str:
    """Return a value in a line of a table: the figure with its unit, or the word."""
    number = decimal_of(value.value)
    if number is None:
        return absence_word(value.status, texts)
    if value.status == _NO_ACTIVITY:
        return texts("value.no_activity")
    plain = figure(number, indicator, texts)
    if value.top:
        first = value.top[0]
        share = _share(first.count, number, texts)
        return texts("measure.top_line", name=texts.of(first.name), share=share)
    if value.distinct is not None and value.distinct.lower < value.distinct.upper:
        return texts("measure.about", value=plain)
    if value.quantiles is not None:
        nine_tenths = decimal_of(value.quantiles.p90)
        if nine_tenths is not None:
            p90 = figure(nine_tenths, indicator, texts)
            return texts("measure.quantiles_line", p50=plain, p90=p90)
    return plain


def number_words(
    number: Decimal | None, status: str, indicator: IndicatorOut, texts: Texts
) -> str:
    """Return a number known without its parts: of a trend, or of another statement."""
    if number is None:
        return absence_word(status, texts)
    if status == _NO_ACTIVITY:
        return texts("value.no_activity")
    return figure(number, indicator, texts)


def measure_details(
    value: ValueOut, indicator: IndicatorOut, texts: Texts
) -> list[tuple[str, str]]:
    """Return (key, words) of what a value's state holds beside its main number."""
    rows: list[tuple[str, str]] = []
    if value.quantiles is not None:
        rows.append(("quantiles", _quantiles(value, indicator, texts)))
    if value.distinct is not None:
        rows.append(("distinct", _bounds(value.distinct, texts)))
    if value.top:
        listed = "; ".join(
            texts(
                "detail.count",
                word=texts.of(entry.name),
                count=count_text(entry.count, texts),
            )
            for entry in value.top
        )
        rows.append(("top", listed))
    numerator, denominator = (
        decimal_of(value.numerator),
        decimal_of(value.denominator),
    )
    if numerator is not None and denominator is not None:
        key = "ratio" if indicator.measure == "ratio" else "weighted"
        rows.append((key, f"{_plain(numerator, texts)} / {_plain(denominator, texts)}"))
    return rows


def _quantiles(value: ValueOut, indicator: IndicatorOut, texts: Texts) -> str:
    found = value.quantiles
    if found is None or found.p50 is None or found.p90 is None:
        return ""
    return texts(
        "measure.quantiles",
        p50=figure(Decimal(found.p50), indicator, texts),
        p90=figure(Decimal(found.p90), indicator, texts),
        count=count_text(found.count, texts),
    )


def _distinct(found: DistinctOut, indicator: IndicatorOut, texts: Texts) -> Headline:
    exact = found.lower == found.upper
    unit = unit_of(indicator, texts)
    plain = count_text(found.estimate, texts)
    return Headline(
        value=plain if exact else texts("measure.about", value=plain),
        unit=unit_gap(unit, texts) + unit if unit else "",
        beside="" if exact else texts("measure.estimate"),
    )


def _bounds(found: DistinctOut, texts: Texts) -> str:
    if found.lower == found.upper:
        return texts("measure.exact", value=count_text(found.estimate, texts))
    return texts(
        "measure.bounds",
        low=count_text(found.lower, texts),
        high=count_text(found.upper, texts),
    )


def _ground(value: ValueOut, texts: Texts) -> str:
    if value.status != "withheld":
        return ""
    if not value.ground:
        return texts("value.no_ground")
    return texts("value.ground", ground=value.ground)


def _share(count: int, total: Decimal, texts: Texts) -> str:
    share = Decimal(100 * count) / total if total else Decimal(0)
    return number_text(share, 0, texts) + unit_gap("%", texts) + "%"


def _plain(number: Decimal, texts: Texts) -> str:
    exponent = number.normalize().as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    return number_text(number, decimals, texts)


def _parted(number: Decimal, decimals: int, texts: Texts) -> tuple[str, str]:
    """Return a number as what is set large and what is set small."""
    plain = number_text(number, decimals, texts)
    if decimals < _SMALL_DECIMALS_MIN:
        return plain, ""
    return plain[: -decimals - 1], plain[-decimals - 1 :]
