"""REST shapes of who owes what and who was expected."""

from typing import Literal

import msgspec

from federation.api.schemas import TextOut


class ObligationOut(msgspec.Struct, kw_only=True):
    """Somebody owes an indicator for a locality.

    ``agency`` is null where whoever reports for the place may do so; then
    ``agency_name`` is the indicator's owner. ``announced``: a node of the place said
    so; else only this tier expects it. ``state``: ``fresh`` (all that is over was
    reported) | ``due`` (within the deadline) | ``within_grace`` | ``overdue`` (silent)
    | ``not_connected`` | ``ended``. ``since`` is when the first missed report was due;
    ``awaited_period`` is the first owed after ``last_period``, due at ``due_at``.
    """

    indicator: str
    locality: str
    locality_name: TextOut
    agency: str | None
    agency_name: TextOut
    first_day: str | None
    last_day: str | None
    announced: bool
    state: Literal["fresh", "due", "within_grace", "overdue", "not_connected", "ended"]
    since: str | None
    last_period: str | None
    awaited_period: str | None
    due_at: str | None


class ObligationsOut(msgspec.Struct, kw_only=True):
    """A page of obligations; ``next`` is an opaque cursor, null on the last page."""

    items: list[ObligationOut]
    next: str | None


class ExpectedSetOut(msgspec.Struct, kw_only=True):
    """Who was expected for an indicator in a period: N of its totals.

    ``by`` is null where the tier froze it at the period's end; a revision by hand says
    who made it and why. ``localities`` names the first 200, ``count`` counts all.
    """

    indicator: str
    frequency: str
    period: str
    count: int
    localities: list[str]
    frozen_at: str
    revision: int
    reason: str | None
    by: str | None


class ExpectedSetsOut(msgspec.Struct, kw_only=True):
    """Expected sets and their revisions, the newest first."""

    items: list[ExpectedSetOut]
