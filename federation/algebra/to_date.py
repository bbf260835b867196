"""Rates against a yearly plan.

The numerator is what was done since the begin of the year, the denominator the latest
plan of that year: the plan is never summed over months, so a rate of several months is
that of the last one (rule ``last`` over time) and a rate of several places the quotient
of the sums (rule ``ratio`` over place). Every year begins anew.
"""

from collections.abc import Sequence

from federation.algebra.integers import checked
from federation.errors import ErrorCode, FederationError
from federation.model.row import State


def rate_to_date(
    parts: Sequence[State | None], plan: State | None, what: str
) -> State | None:
    """Return the state of a rate against a plan; None where a part is not known.

    Args:
        parts: Sums of all base periods from the begin of the year, in the scale of the
            plan. One that is not known leaves the whole unknown: without it the rate
            would look low.
        plan: The latest plan of the year.
        what: The indicator's id, for errors.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` for a plan below zero, ``OVERFLOW``.
    """
    if plan is None or not parts or any(part is None for part in parts):
        return None
    if plan.value < 0:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"{what}: kế hoạch năm là {plan.value}; phải từ 0 trở lên.",
            f"{what}: the plan of the year is {plan.value}; it must be 0 or more.",
            {"indicator": what},
        )
    done = sum(part.value for part in parts if part is not None)
    return State(value=checked(done, what), second=plan.value)
