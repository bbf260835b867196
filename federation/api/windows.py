"""Reads over any run of days."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from federation.api.boundaries import (
    BoundariesName,
    asked_boundaries,
    shown_in,
)
from federation.api.examples import INVALID, MISSING, REFUSED, UNAUTHENTICATED, ok
from federation.api.moments import AsOfText, asked_moment, known_then
from federation.api.present import moment, value_out
from federation.api.reading import Asked, asked_period, asked_series
from federation.api.requests import parts_of
from federation.api.schemas import ValueOut, WindowOut
from federation.errors import ErrorCode, FederationError
from federation.model.period import Calendar, day_begins
from federation.views.knowledge import Knowledge
from federation.views.window import WindowQuery, WindowSeen

WINDOW = "window"
"""Frequency of a value over a run of days."""

_ONE_DAY = timedelta(days=1)

FirstDay = Annotated[
    str | None,
    QueryParameter(
        name="from",
        description="First day.",
        examples=[Example(value="2026-05-04")],
    ),
]
LastDay = Annotated[
    str | None,
    QueryParameter(
        name="to",
        description="Last day, included.",
        examples=[Example(value="2026-05-17")],
    ),
]
ToDate = Annotated[
    str | None,
    QueryParameter(
        name="year_to_date",
        description="Instead of days: from the begin of the year through a period.",
        examples=[Example(value="2025-03")],
    ),
]


class WindowController(Controller):
    """What a run of days says."""

    path = "/"
    tags = ("reads",)
    dependencies = {"asked": Provide(asked_series, sync_to_thread=False)}  # noqa: RUF012

    @get(
        "/window",
        operation_id="getWindow",
        summary="Giá trị của một khoảng ngày / Values of a run of days",
        responses={**ok(WindowOut), **INVALID, **MISSING}
        | {**UNAUTHENTICATED, **REFUSED},
    )
    async def get_window(
        self,
        request: Request[Any, Any, Any],
        asked: NamedDependency[Asked],
        first: FirstDay = None,
        last: LastDay = None,
        year_to_date: ToDate = None,
        as_of: AsOfText = None,
        boundaries: BoundariesName = None,
    ) -> WindowOut:
        """Return the value of each series, merged exactly from whole base periods.

        Without `breakdown` it is the undivided series. What the indicator's rule does
        not merge, or base periods do not fill, is refused with the reason.
        """
        parts = parts_of(request)
        knowledge = await parts.knowledge()
        if asked.indicator is None or asked.locality is None:
            lacking = "indicator" if asked.indicator is None else "locality"
            raise _lacks(lacking)
        if year_to_date is not None and (first is not None or last is not None):
            raise _either_or()
        through = year_to_date and asked_period(year_to_date, "year_to_date")
        day = asked_boundaries(boundaries, parts.clock.now())
        seen = await parts.windows.read(
            WindowQuery(
                indicator=asked.indicator,
                locality=asked.locality,
                first=_asked_day(first, "from"),
                last=_asked_day(last, "to"),
                to_date=through or None,
                agency=asked.agency,
                breakdown=asked.breakdown or "",
                basis=asked.basis,
                as_of=asked_moment(as_of, parts.clock.now()),
                boundaries_of=day,
            ),
            knowledge,
        )
        return window_out(seen, knowledge)


def window_out(seen: WindowSeen, knowledge: Knowledge) -> WindowOut:
    """Return the values of a run of days."""
    calendar = knowledge.calendar(seen.indicator)
    text = f"{seen.first.isoformat()}/{seen.last.isoformat()}"
    return WindowOut(
        first_day=seen.first.isoformat(),
        last_day=seen.last.isoformat(),
        base_frequency=seen.indicator.frequency.slug,
        base_periods=seen.base_periods,
        items=[
            _over_days(value_out(item, knowledge), text, seen, calendar)
            for item in seen.items
        ],
        **known_then(seen.as_of),
        **shown_in(seen.boundaries_of, seen.unapportioned, knowledge),
    )


def _over_days(
    value: ValueOut, text: str, seen: WindowSeen, calendar: Calendar
) -> ValueOut:
    def begins(day: date) -> str:
        begin: datetime = day_begins(day, calendar)
        return moment(begin.astimezone(calendar.zone))

    return msgspec.structs.replace(
        value,
        frequency=WINDOW,
        period=text,
        period_start=begins(seen.first),
        period_end=begins(seen.last + _ONE_DAY),
    )


def _asked_day(text: str | None, field: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"{field} “{text}” không phải là một ngày. Hãy viết, ví dụ, 2026-05-17.",
            f"{field} “{text}” is not a day. Write, for example, 2026-05-17.",
            {"pointer": f"/query/{field}"},
        ) from error


def _lacks(field: str) -> FederationError:
    return FederationError(
        ErrorCode.INVALID_ARGUMENT,
        f"Thiếu {field}: một khoảng ngày thuộc về một chỉ tiêu của một đơn vị.",
        f"{field} is missing: a window is of one indicator at one locality.",
        {"pointer": f"/query/{field}"},
    )


def _either_or() -> FederationError:
    return FederationError(
        ErrorCode.INVALID_ARGUMENT,
        "Hãy dùng from và to, hoặc year_to_date, không dùng cả hai.",
        "Use from and to, or year_to_date, not both.",
        {"pointer": "/query/year_to_date"},
    )
