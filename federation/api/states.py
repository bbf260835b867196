"""What a state holds beside its main value, as the API shows it."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from federation.algebra import distinct, histogram, top
from federation.algebra.value import rounded
from federation.api.schemas import (
    DistinctOut,
    QuantilesOut,
    TextOut,
    TopEntryOut,
)
from federation.model.indicator import Indicator, Measure
from federation.model.row import State

_OTHER = TextOut(vi="Khác", en="Other")


@dataclass(frozen=True, kw_only=True, slots=True)
class StateParts:
    """Parts of a state; those its measure has not are None."""

    numerator: str | None = None
    denominator: str | None = None
    quantiles: QuantilesOut | None = None
    distinct: DistinctOut | None = None
    top: list[TopEntryOut] | None = None


def number(value: Decimal | None) -> str | None:
    """Return a number in plain decimal notation, never with an exponent."""
    return None if value is None else f"{value:f}"


def state_parts(indicator: Indicator, state: State | None) -> StateParts:
    """Return what a state holds beside its main value."""
    if state is None:
        return StateParts()
    match indicator.measure:
        case Measure.RATIO:
            return StateParts(
                numerator=_scaled(indicator, Fraction(state.value)),
                denominator=_scaled(indicator, Fraction(state.second)),
            )
        case Measure.WEIGHTED_MEAN:
            return StateParts(
                numerator=_scaled(indicator, Fraction(state.value)),
                denominator=str(state.second),
            )
        case Measure.QUANTILES:
            return StateParts(quantiles=_quantiles(indicator, state))
        case Measure.DISTINCT:
            read = distinct.read(state)
            return StateParts(
                distinct=DistinctOut(
                    estimate=read.estimate, lower=read.lower, upper=read.upper
                )
            )
        case Measure.TOP:
            return StateParts(top=_top(indicator, state))
        case _:
            return StateParts()


def _quantiles(indicator: Indicator, state: State) -> QuantilesOut:
    read = histogram.read(state)
    return QuantilesOut(
        p50=_scaled(indicator, read.p50),
        p90=_scaled(indicator, read.p90),
        count=read.count,
    )


def _top(indicator: Indicator, state: State) -> list[TopEntryOut]:
    names = {
        named.code: TextOut(vi=named.name.vi, en=named.name.en)
        for named in indicator.dimension_codes
    }
    return [
        TopEntryOut(
            code=code,
            name=_OTHER
            if code == top.OTHER
            else names.get(code, TextOut(vi=code, en=code)),
            count=count,
        )
        for code, count in top.read(state, indicator.codes)
    ]


def _scaled(indicator: Indicator, value: Fraction | None) -> str | None:
    if value is None:
        return None
    return number(rounded(value / 10**indicator.scale, indicator.scale))
