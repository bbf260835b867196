"""The number a person reads from a state."""

from decimal import Decimal
from fractions import Fraction

from federation.algebra import distinct, histogram, top
from federation.model.indicator import Indicator, Measure
from federation.model.row import State


def exact_value(indicator: Indicator, state: State) -> Fraction | None:
    """Return the exact value of a state, or None where it has none.

    A ratio or a mean over nothing, and a quantile of nothing, have no value. Ratios
    whose unit is ``percent`` are 100 · numerator / denominator. Of quantiles it is the
    median, of a distinct count its estimate, of counters the total; counts have no
    scale. Other values are divided by 10**scale.
    """
    match indicator.measure:
        case Measure.RATIO:
            if state.second == 0:
                return None
            factor = 100 if indicator.unit == "percent" else 1
            return Fraction(factor * state.value, state.second)
        case Measure.WEIGHTED_MEAN:
            if state.second == 0:
                return None
            return Fraction(state.value, state.second * 10**indicator.scale)
        case Measure.QUANTILES:
            median = histogram.quantile(state, Fraction(1, 2))
            return None if median is None else median / 10**indicator.scale
        case Measure.DISTINCT:
            return Fraction(distinct.read(state).estimate)
        case Measure.TOP:
            return Fraction(top.total(state))
        case _:
            return Fraction(state.value, 10**indicator.scale)


def decimal_value(
    indicator: Indicator, state: State, digits: int | None = None
) -> Decimal | None:
    """Return the value rounded half-even to ``digits`` decimals.

    Without ``digits``: all digits of the scale for values that are exact in it,
    and six decimals for ratios and means.
    """
    exact = exact_value(indicator, state)
    if exact is None:
        return None
    quotient = indicator.measure in (Measure.RATIO, Measure.WEIGHTED_MEAN)
    places = digits if digits is not None else (6 if quotient else indicator.scale)
    return rounded(exact, places)


def rounded(exact: Fraction, places: int) -> Decimal:
    """Return an exact number rounded half-even to some decimals."""
    # ``round`` of a fraction is half-even and exact.
    return Decimal(round(exact * 10**places)).scaleb(-places)
