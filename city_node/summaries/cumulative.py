"""Monthly figures of what is stated since 1 January.

The value of a month is the difference of two statements, so it is known only where
the month before is; January stands for itself. Where the total fell and the indicator
can't be negative, one of the two statements is wrong and nobody knows which: the month
is missing, and a correction of either makes it anew.
"""

from city_node.observations.stored import KeptObservation
from federation.algebra.integers import checked
from federation.model.indicator import Indicator
from federation.model.row import State
from federation.model.status import Counts, Status

_UNCERTAIN = (Status.ESTIMATED, Status.PROVISIONAL)


def fell(indicator: Indicator, stated: State | None, before: State | None) -> bool:
    """Return whether a total since January fell although it can't."""
    return (
        not indicator.may_be_negative
        and stated is not None
        and before is not None
        and stated.value < before.value
    )


def difference(
    indicator: Indicator,
    stated: KeptObservation,
    before: KeptObservation | None,
    *,
    first_of_year: bool,
) -> tuple[State | None, Counts]:
    """Return the state of a month, and its status and provenance as counts of one.

    Args:
        indicator: The indicator.
        stated: What was stated with the month.
        before: What was stated with the month before, if anything was.
        first_of_year: Whether the year has no month before.

    Raises:
        FederationError: ``OVERFLOW`` when the difference leaves 64 bits.
    """
    status, state = stated.observation.status, stated.observation.state
    if first_of_year or state is None:
        return state, Counts.one(status, stated.provenance)
    earlier = None if before is None else before.observation.state
    if before is None or earlier is None or fell(indicator, state, earlier):
        return None, Counts.one(Status.MISSING, stated.provenance)
    value = checked(state.value - earlier.value, indicator.id)
    both = Counts.one(status, stated.provenance) + Counts.one(
        before.observation.status, before.provenance
    )
    return State(value=value), Counts.one(
        _status(value, status, both.leading_status), both.leading_provenance
    )


def _status(value: int, stated: Status, leading: Status) -> Status:
    """Return the status of a difference: as uncertain as the worse of the two."""
    if leading in _UNCERTAIN:
        return leading
    if value:
        return Status.NORMAL
    return Status.NO_ACTIVITY if stated is Status.NO_ACTIVITY else Status.ZERO
