"""A value against its deadline, and beside the other statement about its place."""

from datetime import datetime
from typing import Any

from federation.algebra.value import decimal_value
from federation.api.beside_schemas import TwinOut
from federation.api.states import number
from federation.coverage.deadlines import due_at, timeliness
from federation.model.indicator import Basis, Indicator
from federation.model.period import Calendar
from federation.model.status import NOT_GIVEN, Status
from federation.views.twins import Twin
from federation.views.values import ValueSeen


def against_deadline(
    seen: ValueSeen,
    indicator: Indicator,
    calendar: Calendar,
    now: datetime | None,
) -> dict[str, Any]:
    """Return ``due_at`` and ``timeliness`` of a current report; nothing of others.

    A report that says nothing but that the figure is missing was not given yet.
    """
    row = seen.row
    current = row.series.basis is Basis.REPORTED and seen.first_known_at is not None
    of_base = row.period.frequency is indicator.frequency
    if now is None or not current or not of_base or row.status is Status.DELETED:
        return {}
    given = None if row.status in NOT_GIVEN else seen.first_given_at
    stands = timeliness(indicator, row.period, calendar, first_known_at=given, now=now)
    due = due_at(indicator, row.period, calendar).astimezone(calendar.zone)
    return {"due_at": due.isoformat(), "timeliness": stands.value}


def twin_out(twin: Twin, indicator: Indicator) -> TwinOut:
    """Return the other statement."""
    row = twin.row
    unknown = row.expected == 0 and row.status is not Status.DELETED
    return TwinOut(
        basis=row.series.basis.slug,
        agency=row.series.agency or None,
        value=None
        if row.state is None
        else number(decimal_value(indicator, row.state)),
        status=row.status.slug,
        reported=row.reported,
        expected=None if unknown else row.expected,
        difference=number(twin.difference),
        known_at=twin.known_at.isoformat(),
    )
