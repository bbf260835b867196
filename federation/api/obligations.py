"""``GET /api/v1/obligations`` and ``GET /api/v1/expected-sets``."""

from datetime import date
from typing import Annotated, Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from federation.api.examples import INVALID, MISSING, UNAUTHENTICATED, ok
from federation.api.owed_schemas import (
    ExpectedSetOut,
    ExpectedSetsOut,
    ObligationOut,
    ObligationsOut,
)
from federation.api.present import moment, text_out
from federation.api.requests import no_cursor, parts_of, read_cursor, write_cursor
from federation.api.schemas import TextOut
from federation.coverage.expected import REVISIONS_PAGE_MAX, ExpectedSet
from federation.coverage.silence import Standing
from federation.errors import ErrorCode, FederationError
from federation.model.period import day_number, day_of, parse_period
from federation.views.knowledge import Knowledge
from federation.views.obligations import ObligationQuery, ObligationSeen
from federation.views.values import PAGE_LIMIT_MAX

LOCALITIES_NAMED_MAX = 200
"""So many of an expected set are named; ``count`` counts all."""

AnyRequest = Request[Any, Any, Any]

EXAMPLE = ObligationsOut(
    items=[
        ObligationOut(
            indicator="environment.violations_found",
            locality="16681@2025-07-01",
            locality_name=TextOut(vi="Phường Thành Vinh", en="Thanh Vinh ward"),
            agency="H41.STNMT",
            agency_name=TextOut(
                vi="Sở Nông nghiệp và Môi trường",
                en="Department of Agriculture and Environment",
            ),
            first_day="2025-07-01",
            last_day=None,
            announced=True,
            state="overdue",
            since="2026-11-03T17:00:00+07:00",
            last_period="2026-09",
            awaited_period="2026-10",
            due_at="2026-11-03T17:00:00+07:00",
        )
    ],
    next=None,
)


def _query(name: str, description: str, example: Any) -> Any:
    return QueryParameter(
        name=name, description=description, examples=[Example(value=example)]
    )


@get(
    "/obligations",
    operation_id="listObligations",
    summary="Nghĩa vụ báo cáo / Obligations",
    tags=["reads"],
    responses={**ok(ObligationsOut, EXAMPLE), **INVALID, **MISSING, **UNAUTHENTICATED},
)
async def list_obligations(
    request: AnyRequest,
    indicator: Annotated[
        str | None,
        _query("indicator", "Indicator id.", "environment.violations_found"),
    ] = None,
    locality: Annotated[
        str | None, _query("locality", "Locality id or code.", "16681")
    ] = None,
    agency: Annotated[str | None, _query("agency", "Agency id.", "H41.STNMT")] = None,
    standing: Annotated[
        str | None,
        _query(
            "state",
            "`fresh`, `due`, `within_grace`, `overdue` (silent), `not_connected` or "
            "`ended`.",
            "overdue",
        ),
    ] = None,
    limit: Annotated[
        int,
        QueryParameter(
            name="limit", ge=1, le=PAGE_LIMIT_MAX, description="Items on one page."
        ),
    ] = 100,
    cursor: Annotated[
        str | None,
        QueryParameter(name="cursor", description="`next` of the page before."),
    ] = None,
) -> ObligationsOut:
    """Return who owes what, who keeps silent, and since when."""
    parts = parts_of(request)
    knowledge = await parts.knowledge()
    page = await parts.obligations.page(
        ObligationQuery(
            indicator=indicator,
            locality=locality,
            agency=_clean(agency),
            standing=_standing(standing),
            after=_after(cursor),
            limit=limit,
        ),
        knowledge,
    )
    return ObligationsOut(
        items=[_obligation_out(one, knowledge) for one in page.items],
        next=None if page.next is None else write_cursor(list(page.next)),
    )


@get(
    "/expected-sets",
    operation_id="listExpectedSets",
    summary="Tập hợp phải báo cáo đã chốt / Frozen expected sets",
    tags=["reads"],
    responses={**ok(ExpectedSetsOut), **INVALID, **UNAUTHENTICATED},
)
async def list_expected_sets(
    request: AnyRequest,
    indicator: Annotated[
        str | None,
        _query("indicator", "Indicator id.", "environment.violations_found"),
    ] = None,
    period: Annotated[str | None, _query("period", "Period.", "2026-10")] = None,
    revised: Annotated[
        bool, _query("revised", "Only what a person revised.", True)
    ] = False,
    limit: Annotated[
        int,
        QueryParameter(
            name="limit", ge=1, le=REVISIONS_PAGE_MAX, description="Newest so many."
        ),
    ] = 100,
) -> ExpectedSetsOut:
    """Return who was expected, frozen at each period's end, and every revision."""
    parts = parts_of(request)
    knowledge = await parts.knowledge()
    found = await parts.obligations.expected_sets(
        knowledge,
        indicator=_clean(indicator),
        period=None if period is None else parse_period(period),
        by_hand=revised,
        limit=limit,
    )
    return ExpectedSetsOut(items=[_expected_out(one) for one in found])


OBLIGATION_ROUTES: tuple[HTTPRouteHandler, ...] = (list_obligations, list_expected_sets)


def _obligation_out(one: ObligationSeen, knowledge: Knowledge) -> ObligationOut:
    owed, silence = one.obligation, one.silence
    zone = knowledge.calendar(one.indicator).zone
    owner = owed.agency or one.indicator.owner_agency
    return ObligationOut(
        indicator=owed.indicator,
        locality=owed.locality,
        locality_name=text_out(knowledge.place_name(owed.locality)),
        agency=owed.agency or None,
        agency_name=text_out(knowledge.agency_name(owner)),
        first_day=_day(owed.from_day),
        last_day=None if owed.to_day is None else _day(owed.to_day),
        announced=one.announced,
        state=silence.standing.value,
        since=moment(silence.since.astimezone(zone)) if silence.since else None,
        last_period=silence.last.text if silence.last else None,
        awaited_period=silence.awaited.text if silence.awaited else None,
        due_at=moment(silence.due_at.astimezone(zone)) if silence.due_at else None,
    )


def _day(number: int) -> str | None:
    day = day_of(number)
    return None if day == date.min else day.isoformat()


def _expected_out(one: ExpectedSet) -> ExpectedSetOut:
    localities = sorted(one.localities)
    return ExpectedSetOut(
        indicator=one.indicator,
        frequency=one.period.frequency.slug,
        period=one.period.text,
        count=len(localities),
        localities=localities[:LOCALITIES_NAMED_MAX],
        frozen_at=moment(one.frozen_at),
        revision=one.revision,
        reason=one.reason or None,
        by=one.by or None,
    )


def _standing(state: str | None) -> Standing | None:
    if state is None:
        return None
    try:
        return Standing(state)
    except ValueError as error:
        known = ", ".join(Standing)
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"state phải là một trong: {known}.",
            f"state must be one of: {known}.",
            {"pointer": "/query/state"},
        ) from error


def _clean(text: str | None) -> str | None:
    if text is not None and "\0" in text:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            "Tham số có ký tự không hợp lệ.",
            "A parameter has a character that no name has.",
        )
    return text


def _after(cursor: str | None) -> tuple[str, str, str, int] | None:
    if cursor is None:
        return None
    key: tuple[str, str, str, int] = read_cursor(cursor, tuple[str, str, str, int])
    if any("\0" in text for text in key[:3]) or key[3] < day_number(date.min):
        raise no_cursor()
    return key
