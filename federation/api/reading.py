"""The reads of a tier."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, TypeVar

from litestar import Controller, Request, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter

from federation.api import examples
from federation.api.boundaries import (
    BoundariesName,
    asked_boundaries,
    shown_in,
)
from federation.api.examples import INVALID, MISSING, REFUSED, UNAUTHENTICATED, ok
from federation.api.moments import AsOfText, asked_moment, known_then
from federation.api.present import (
    indicator_out,
    locality_out,
    overview_out,
    value_out,
)
from federation.api.requests import no_cursor, parts_of, read_cursor, write_cursor
from federation.api.schemas import (
    IndicatorOut,
    IndicatorsOut,
    LinksOut,
    LocalitiesOut,
    LocalityOut,
    OverviewOut,
    TierOut,
    ValuesOut,
    VersionsOut,
)
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Basis
from federation.model.period import LOCAL, Frequency, Period, parse_period
from federation.model.row import INT64_MAX, INT64_MIN, SeriesKey
from federation.views.values import PAGE_LIMIT_MAX, ValueQuery
from federation.warehouse.store import PageKey

YEARS = range(1000, 9000)
"""Periods elsewhere are refused: dates end beside them, and there are no figures."""

AnyRequest = Request[Any, Any, Any]
Slugged = TypeVar("Slugged", Basis, Frequency)


def _query(name: str, description: str, example: Any) -> Any:
    return QueryParameter(
        name=name, description=description, examples=[Example(value=example)]
    )


IndicatorId = Annotated[
    str | None,
    _query("indicator", "Indicator id.", "socio_economic.investment_realised"),
]
PlaceId = Annotated[
    str | None,
    _query(
        "locality",
        "Locality id, or a bare code: then the values of whoever bore it.",
        "40",
    ),
]
AgencyId = Annotated[str | None, _query("agency", "Agency id.", "H41.STC")]
Breakdown = Annotated[
    str | None,
    _query("breakdown", "`dimension=code`; empty for the whole.", "station=vinh"),
]
BasisName = Annotated[
    str | None, _query("basis", "`reported` or `rolled_up`.", "reported")
]
Limit = Annotated[
    int,
    QueryParameter(
        name="limit", ge=1, le=PAGE_LIMIT_MAX, description="Items on one page."
    ),
]
Cursor = Annotated[
    str | None, QueryParameter(name="cursor", description="`next` of the page before.")
]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which series a reader asks for."""

    indicator: str | None
    locality: str | None
    agency: str | None
    breakdown: str | None
    basis: Basis | None


def asked_series(
    indicator: IndicatorId = None,
    locality: PlaceId = None,
    agency: AgencyId = None,
    breakdown: Breakdown = None,
    basis: BasisName = None,
) -> Asked:
    """Return the series named in the query."""
    named = {"agency": agency, "breakdown": breakdown}
    for field, text in named.items():
        if text is not None and "\0" in text:
            raise FederationError(
                ErrorCode.INVALID_ARGUMENT,
                f"{field} có ký tự không hợp lệ.",
                f"{field} has a character that no name has.",
                {"pointer": f"/query/{field}"},
            )
    return Asked(
        indicator=indicator,
        locality=locality,
        agency=agency,
        breakdown=breakdown,
        basis=_named(Basis, basis, "basis"),
    )


class ReadingController(Controller):
    """What a tier knows."""

    path = "/"
    tags = ("reads",)
    dependencies = {"asked": Provide(asked_series, sync_to_thread=False)}  # noqa: RUF012

    @get(
        "/tier",
        operation_id="getTier",
        summary="Cấp đang trả lời / The tier that answers",
        responses={**ok(TierOut, examples.TIER), **UNAUTHENTICATED},
    )
    async def get_tier(self, request: AnyRequest) -> TierOut:
        """Return who answers."""
        return parts_of(request).tier

    @get(
        "/localities",
        operation_id="listLocalities",
        summary="Đơn vị / Localities",
        responses={**ok(LocalitiesOut), **INVALID, **UNAUTHENTICATED},
    )
    async def list_localities(
        self,
        request: AnyRequest,
        parent: Annotated[
            str | None, _query("parent", "Id of the whole.", "40")
        ] = None,
        level: Annotated[str | None, _query("level", "Level.", "commune")] = None,
        code: Annotated[str | None, _query("code", "Official code.", "16681")] = None,
        on: Annotated[
            date | None, _query("on", "Only what existed on a day.", "2025-07-01")
        ] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> LocalitiesOut:
        """Return dated places in id order."""
        knowledge = await parts_of(request).knowledge()
        after = read_cursor(cursor, str) if cursor is not None else ""
        found = [
            place
            for place in knowledge.places.all()
            if place.id > after
            and (parent is None or place.parent == parent)
            and (level is None or place.level == level)
            and (code is None or place.code == code)
            and (on is None or place.holds_on(on))
        ]
        page = found[:limit]
        return LocalitiesOut(
            items=[locality_out(place) for place in page],
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    @get(
        "/localities/{locality_id:str}",
        operation_id="getLocality",
        summary="Một đơn vị / One locality",
        responses={**ok(LocalityOut, examples.LOCALITY), **MISSING, **UNAUTHENTICATED},
    )
    async def get_locality(
        self,
        request: AnyRequest,
        locality_id: Annotated[
            str, PathParameter(description="Id, or a code on a day.")
        ],
        on: Annotated[
            date | None, _query("on", "The day of a code; today.", "2025-07-01")
        ] = None,
    ) -> LocalityOut:
        """Return a place by id, or by code as it was on a day."""
        parts = parts_of(request)
        knowledge = await parts.knowledge()
        day = on or parts.clock.now().astimezone(LOCAL.zone).date()
        return locality_out(knowledge.place(locality_id, day))

    @get(
        "/indicators",
        operation_id="listIndicators",
        summary="Chỉ tiêu / Indicators",
        responses={**ok(IndicatorsOut), **UNAUTHENTICATED},
    )
    async def list_indicators(self, request: AnyRequest) -> IndicatorsOut:
        """Return every indicator that was announced to this tier."""
        knowledge = await parts_of(request).knowledge()
        return IndicatorsOut(
            items=[
                indicator_out(indicator, knowledge)
                for _, indicator in sorted(knowledge.indicators.items())
            ]
        )

    @get(
        "/indicators/{indicator_id:str}",
        operation_id="getIndicator",
        summary="Một chỉ tiêu / One indicator",
        responses={**ok(IndicatorOut), **MISSING, **UNAUTHENTICATED},
    )
    async def get_indicator(
        self,
        request: AnyRequest,
        indicator_id: Annotated[str, PathParameter(description="Indicator id.")],
    ) -> IndicatorOut:
        """Return one indicator's contract."""
        knowledge = await parts_of(request).knowledge()
        return indicator_out(knowledge.indicator(indicator_id), knowledge)

    @get(
        "/values",
        operation_id="listValues",
        summary="Giá trị / Values",
        responses={**ok(ValuesOut, examples.VALUES), **INVALID, **MISSING}
        | {**UNAUTHENTICATED, **REFUSED},
    )
    async def list_values(
        self,
        request: AnyRequest,
        asked: NamedDependency[Asked],
        first: Annotated[
            str | None, _query("from", "First period of any length.", "2024-11")
        ] = None,
        last: Annotated[
            str | None, _query("to", "Last period, included.", "2025-01")
        ] = None,
        frequency: Annotated[
            str | None, _query("frequency", "Merge into longer periods.", "year")
        ] = None,
        as_of: AsOfText = None,
        boundaries: BoundariesName = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> ValuesOut:
        """Return values by series and period, a page at a time."""
        parts = parts_of(request)
        day = asked_boundaries(boundaries, parts.clock.now())
        knowledge = await parts.knowledge()
        page = await parts.values.page(
            ValueQuery(
                indicator=asked.indicator,
                locality=asked.locality,
                agency=asked.agency,
                breakdown=asked.breakdown,
                basis=asked.basis,
                first=asked_period(first, "from").first_day if first else None,
                last=_last_day(asked_period(last, "to")) if last else None,
                frequency=_named(Frequency, frequency, "frequency"),
                after=_page_key(cursor) if cursor is not None else None,
                limit=limit,
                as_of=asked_moment(as_of, parts.clock.now()),
                boundaries_of=day,
            ),
            knowledge,
        )
        return ValuesOut(
            **known_then(page.as_of),
            **shown_in(day, page.unapportioned, knowledge),
            items=[
                value_out(seen, knowledge, now=parts.clock.now()) for seen in page.items
            ],
            next=_cursor_of(page.next) if page.next is not None else None,
        )

    @get(
        "/values/versions",
        operation_id="listValueVersions",
        summary="Các lần công bố của một giá trị / Versions of one value",
        responses={**ok(VersionsOut), **INVALID, **MISSING, **UNAUTHENTICATED},
    )
    async def list_value_versions(
        self,
        request: AnyRequest,
        asked: NamedDependency[Asked],
        period: Annotated[str, _query("period", "Period.", "2024-11")],
        as_of: AsOfText = None,
    ) -> VersionsOut:
        """Return all versions of a value, the current one first."""
        parts = parts_of(request)
        knowledge = await parts.knowledge()
        wanted = asked_period(period, "period")
        versions = await parts.values.versions(
            ValueQuery(
                indicator=asked.indicator,
                locality=asked.locality,
                agency=asked.agency,
                breakdown=asked.breakdown or "",
                basis=asked.basis,
                first=wanted.first_day,
                last=_last_day(wanted),
                as_of=asked_moment(as_of, parts.clock.now()),
            ),
            wanted,
            knowledge,
        )
        return VersionsOut(
            **known_then(versions.as_of),
            items=[value_out(seen, knowledge) for seen in versions.items],
        )

    @get(
        "/overview",
        operation_id="getOverview",
        summary="Tổng quan / Overview",
        responses={**ok(OverviewOut), **INVALID, **UNAUTHENTICATED},
    )
    async def get_overview(
        self, request: AnyRequest, as_of: AsOfText = None
    ) -> OverviewOut:
        """Return the first page: exceptions first, generated figures apart."""
        parts = parts_of(request)
        knowledge = await parts.knowledge()
        asked = asked_moment(as_of, parts.clock.now())
        seen = await parts.overview.read(parts.tier.locality, knowledge, as_of=asked)
        return overview_out(seen, parts.tier, knowledge)

    @get(
        "/links",
        operation_id="listLinks",
        summary="Đường gửi lên cấp trên / Links to the parent",
        responses={**ok(LinksOut, examples.LINKS), **UNAUTHENTICATED},
    )
    async def list_links(self, request: AnyRequest) -> LinksOut:
        """Return every stream this tier sends."""
        return LinksOut(items=await parts_of(request).links())


def _named(kind: type[Slugged], slug: str | None, field: str) -> Slugged | None:
    if slug is None:
        return None
    for member in kind:
        if member.slug == slug:
            return member
    known = ", ".join(member.slug for member in kind)
    raise FederationError(
        ErrorCode.INVALID_ARGUMENT,
        f"{field} phải là một trong: {known}.",
        f"{field} must be one of: {known}.",
        {"pointer": f"/query/{field}"},
    )


def asked_period(text: str, field: str) -> Period:
    """Return the period that a parameter of the query names.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` when it is none of ``YEARS``.
    """
    try:
        period = parse_period(text)
    except FederationError as error:
        error.where["pointer"] = f"/query/{field}"
        raise
    if period.first_day.year not in YEARS:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"{field} phải trong các năm {YEARS[0]}–{YEARS[-1]}.",
            f"{field} must be in the years {YEARS[0]}–{YEARS[-1]}.",
            {"pointer": f"/query/{field}"},
        )
    return period


def _last_day(period: Period) -> date:
    return period.end_day - timedelta(days=1)


def _cursor_of(key: PageKey) -> str:
    series = key.series
    names = [series.indicator, series.locality, series.agency, series.breakdown]
    return write_cursor([*names, int(series.basis), key.period_start])


def _page_key(cursor: str) -> PageKey:
    position = read_cursor(cursor, tuple[str, str, str, str, Basis, int])
    indicator, locality, agency, breakdown, basis, period_start = position
    names = (indicator, locality, agency, breakdown)
    if any("\0" in name for name in names) or not (
        INT64_MIN <= period_start <= INT64_MAX
    ):
        raise no_cursor()
    return PageKey(
        series=SeriesKey(
            indicator=indicator,
            locality=locality,
            agency=agency,
            breakdown=breakdown,
            basis=basis,
        ),
        period_start=period_start,
    )
