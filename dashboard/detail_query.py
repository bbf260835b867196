"""What the detail page reads: one indicator at one place, from every side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import msgspec

from dashboard.client import FailureKind, TierCallError, TierClient
from dashboard.formatting import VIETNAM
from federation.api.owed_schemas import ObligationOut
from federation.api.schemas import (
    IndicatorOut,
    LocalityOut,
    TextOut,
    ValueOut,
    ValuesOut,
    VersionsOut,
    WindowOut,
)
from federation.errors import FederationError
from federation.model.period import parse_period
from federation.model.row import SIMULATED_FEED, VINTAGE_ESTIMATE

PERIODS_SHOWN = 24
"""So many of the newest periods are in the series."""

PAGES_MAX = 5
"""Pages of values read where the newest figures are old; then the search ends."""

_REACH_DAYS = {
    "hour": 3,
    "day": 40,
    "week": 200,
    "month": 900,
    "quarter": 2600,
    "year": 9600,
    "school_year": 9600,
}
"""Days back from now in which the newest periods are looked for first."""

_NO_PARTS = ("", SIMULATED_FEED, VINTAGE_ESTIMATE)
"""Breakdowns that are no parts: the whole, generated figures, superseded estimates."""

_WHOLE_YEARS = ("year", "school_year")

Shape = TypeVar("Shape")


@dataclass(frozen=True, kw_only=True, slots=True)
class DetailAsked:
    """Of what the page is; part of the key under which an answer is kept.

    ``part`` is a breakdown (``dimension=code``), empty for the whole. ``period`` is
    empty for the newest.
    """

    indicator: str
    locality: str
    part: str = ""
    period: str = ""
    as_of: datetime | None = None
    today: bool = False

    def query(self) -> dict[str, str]:
        """Return what every call about values asks for."""
        query = {"indicator": self.indicator, "locality": self.locality}
        if self.as_of is not None:
            query["as_of"] = self.as_of.isoformat()
        return query

    def bounded(self) -> dict[str, str]:
        """Return the same with the boundaries, for calls that know them."""
        return self.query() | ({"boundaries": "today"} if self.today else {})


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    """Everything the page shows.

    ``series`` are the values of the leading series, oldest first; ``chosen`` is the one
    of the period asked for, None where there is none. ``others`` are whole series of
    other agencies or of the other basis where they stand alone. ``parts`` are the
    breakdowns of the chosen period. What could not be made says why in
    ``year_to_date_refusal`` and ``boundaries_refusal``.
    """

    indicator: IndicatorOut
    locality: LocalityOut
    names: Mapping[str, TextOut]
    values: ValuesOut
    series: Sequence[ValueOut]
    chosen: ValueOut | None
    others: Sequence[ValueOut]
    parts: Sequence[ValueOut]
    versions: VersionsOut | None
    year_to_date: WindowOut | None
    year_to_date_refusal: TextOut | None
    boundaries_refusal: TextOut | None
    owed: Sequence[ObligationOut] | None


def read_detail(
    client: TierClient, token: str, asked: DetailAsked, now: datetime
) -> Detail:
    """Read the tier.

    Raises:
        TierCallError: When the indicator, the place or its values can't be read.
    """
    indicator = client.indicator(token, asked.indicator)
    locality = client.locality(token, asked.locality)
    values, refusal = _values(client, token, asked, indicator, now)
    series, others = _leading(values.items, asked.part, indicator)
    chosen = _chosen(series, asked.period)
    window, no_window = _year_to_date(client, token, asked, indicator, series)
    return Detail(
        indicator=indicator,
        locality=locality,
        names=_names(client, token, asked.locality),
        values=values,
        series=series[-PERIODS_SHOWN:],
        chosen=chosen,
        others=[one for one in others if chosen and one.period == chosen.period],
        parts=_parts(client, token, asked, chosen),
        versions=_versions(client, token, asked, chosen),
        boundaries_refusal=refusal,
        owed=None if asked.as_of is not None else _owed(client, token, asked),
        year_to_date=window,
        year_to_date_refusal=no_window,
    )


def _values(
    client: TierClient,
    token: str,
    asked: DetailAsked,
    indicator: IndicatorOut,
    now: datetime,
) -> tuple[ValuesOut, TextOut | None]:
    """Return the newest values, and why they are not in the boundaries asked for."""
    try:
        query = asked.bounded() | {"breakdown": asked.part}
        return _newest(client, token, query, asked, indicator, now), None
    except TierCallError as error:
        if not asked.today or error.kind is not FailureKind.REFUSED:
            raise
        query = asked.query() | {"breakdown": asked.part}
        return _newest(client, token, query, asked, indicator, now), error.reason


def _newest(
    client: TierClient,
    token: str,
    query: Mapping[str, str],
    asked: DetailAsked,
    indicator: IndicatorOut,
    now: datetime,
) -> ValuesOut:
    reach = timedelta(days=_REACH_DAYS.get(indicator.frequency, 900))
    begin = (asked.as_of or now).astimezone(VIETNAM).date() - reach
    first = _first_day(asked.period)
    if first is not None:
        begin = min(begin, first)
    answer = _since(client, token, query, begin)
    newest = max((one.period_start for one in answer.items), default="")
    if not newest:
        return _further(client, token, query, client.values(token, query))
    # Old figures: as many periods before their newest as before now.
    before = date.fromisoformat(newest[:10]) - reach
    return _since(client, token, query, before) if before < begin else answer


def _since(
    client: TierClient, token: str, query: Mapping[str, str], begin: date
) -> ValuesOut:
    wanted = {**query, "from": begin.isoformat()}
    return _further(client, token, wanted, client.values(token, wanted))


def _first_day(period: str) -> date | None:
    try:
        return parse_period(period).first_day if period else None
    except FederationError:
        return None


def _further(
    client: TierClient, token: str, query: Mapping[str, str], answer: ValuesOut
) -> ValuesOut:
    """Return an answer with the pages after it: pages begin with the oldest."""
    items, following = list(answer.items), answer.next
    for _ in range(PAGES_MAX - 1):
        if following is None:
            break
        page = client.values(token, {**query, "cursor": following})
        items += page.items
        following = page.next
    return msgspec.structs.replace(answer, items=items, next=following)


def _leading(
    items: Sequence[ValueOut], part: str, indicator: IndicatorOut
) -> tuple[list[ValueOut], list[ValueOut]]:
    """Return the series the page is about, oldest first, and what stands beside it."""
    whole = [one for one in items if (one.breakdown or "") == part]

    def rank(one: ValueOut) -> tuple[bool, bool, str]:
        return (
            one.basis != indicator.leading_basis,
            one.agency != indicator.owner_agency,
            one.agency or "",
        )

    ranked = sorted({(rank(one), one.basis, one.agency or "") for one in whole})
    if not ranked:
        return [], []
    _, basis, agency = ranked[0]
    series = [one for one in whole if (one.basis, one.agency or "") == (basis, agency)]
    # The other basis of the same period stands beside each value as its twin.
    others = [one for one in whole if one not in series and one.basis == basis]
    return sorted(series, key=lambda one: one.period_start), others


def _chosen(series: Sequence[ValueOut], period: str) -> ValueOut | None:
    if period:
        return next((one for one in series if one.period == period), None)
    given = [one for one in series if one.value is not None]
    return given[-1] if given else series[-1] if series else None


def _names(client: TierClient, token: str, locality: str) -> Mapping[str, TextOut]:
    found = if_there(lambda: client.parts_of(token, locality))
    return {place.id: place.name for place in found.items} if found else {}


def _parts(
    client: TierClient, token: str, asked: DetailAsked, chosen: ValueOut | None
) -> list[ValueOut]:
    """Return the breakdowns of the chosen period; a part has none of its own."""
    if chosen is None or asked.part:
        return []
    query = {**asked.bounded(), "from": chosen.period, "to": chosen.period}
    found = if_there(lambda: client.values(token, query))
    return [
        one
        for one in (found.items if found else [])
        if (one.breakdown or "") not in _NO_PARTS and one.period == chosen.period
    ]


def _versions(
    client: TierClient, token: str, asked: DetailAsked, chosen: ValueOut | None
) -> VersionsOut | None:
    if chosen is None:
        return None
    query = asked.query() | {
        "locality": chosen.locality,
        "basis": chosen.basis,
        "breakdown": chosen.breakdown or "",
        "agency": chosen.agency or "",
        "period": chosen.period,
    }
    return if_there(lambda: client.versions(token, query))


def _year_to_date(
    client: TierClient,
    token: str,
    asked: DetailAsked,
    indicator: IndicatorOut,
    series: Sequence[ValueOut],
) -> tuple[WindowOut | None, TextOut | None]:
    """Return the value since the year began, or why it is not made."""
    window, refusal = None, indicator.time_refusal
    newest = _chosen(series, asked.period)
    wanted = indicator.frequency not in _WHOLE_YEARS and newest is not None
    if wanted and newest is not None and refusal is None:
        query = asked.bounded() | {
            "year_to_date": newest.period,
            "basis": newest.basis,
            "breakdown": asked.part,
            "agency": newest.agency or "",
        }
        try:
            window = client.window(token, query)
        except TierCallError as error:
            if error.kind is FailureKind.SIGNED_OUT:
                raise
            refusal = error.reason
    return window, refusal if wanted else None


def _owed(
    client: TierClient, token: str, asked: DetailAsked
) -> Sequence[ObligationOut] | None:
    query = {"indicator": asked.indicator, "locality": asked.locality}
    found = if_there(lambda: client.obligations(token, query))
    return found.items if found else None


def if_there(call: Callable[[], Shape]) -> Shape | None:
    """Return an answer the page can do without, or None where the tier has none."""
    try:
        return call()
    except TierCallError as error:
        if error.kind is FailureKind.SIGNED_OUT:
            raise
        return None
