"""Whether a state that came from elsewhere can be one at all.

A parent asks before a row lands, so that a broken state is set aside with its reason
and neither a merge nor a reader ever meets it.
"""

from federation.algebra import distinct, histogram, top
from federation.algebra.composite import COMPONENTS_MAX
from federation.model.indicator import Indicator, Measure
from federation.model.row import State

_COUNTED = {Measure.DISTINCT, Measure.TOP}


def wrong_state(indicator: Indicator, state: State) -> str:
    """Return what of a state can't be under its contract, or an empty text."""
    match indicator.measure:
        case Measure.QUANTILES:
            return histogram.wrong(state)
        case Measure.DISTINCT:
            return distinct.wrong(state)
        case Measure.TOP:
            return top.wrong(state, indicator.codes)
        case Measure.RATIO | Measure.WEIGHTED_MEAN if state.second < 0:
            return "denominator below zero"
    if state.value < 0 and not indicator.may_be_negative:
        return "value below zero"
    return ""


def wrong_contract(indicator: Indicator) -> str:
    """Return what of a contract no state could be read under, or an empty text."""
    if len(indicator.codes) > top.CODES_MAX:
        return f"{len(indicator.codes)} codes, more than {top.CODES_MAX}"
    if len(indicator.composed_of) > COMPONENTS_MAX:
        return f"{len(indicator.composed_of)} components, more than {COMPONENTS_MAX}"
    if any(part.zero_at == part.full_at for part in indicator.composed_of):
        return "a component whose points begin and end at one value"
    if indicator.measure in _COUNTED and indicator.scale:
        return f"scale {indicator.scale} of a count"
    return ""
