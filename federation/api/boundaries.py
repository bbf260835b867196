"""How a reader asks for boundaries; how an answer names what has no place in them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from federation.api.schemas import TextOut, UnapportionedOut
from federation.errors import ErrorCode, FederationError
from federation.model.period import LOCAL
from federation.views.boundaries import Boundaries
from federation.views.former_places import Unapportioned
from federation.views.knowledge import Knowledge

BoundariesName = Annotated[
    str | None,
    QueryParameter(
        name="boundaries",
        description="`then` (default): places as they were; `today`: former places "
        "merged into those of today, where that can be. Needs indicator and locality.",
        examples=[Example(value="today")],
    ),
]


def asked_boundaries(text: str | None, now: datetime) -> date | None:
    """Return the day whose boundaries are asked for; None: those of each period.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` for any other text.
    """
    if text is None or text == Boundaries.THEN:
        return None
    if text == Boundaries.TODAY:
        return now.astimezone(LOCAL.zone).date()
    raise FederationError(
        ErrorCode.INVALID_ARGUMENT,
        "boundaries phải là then (địa giới khi đó) hoặc today (địa giới hiện nay).",
        "boundaries must be then or today.",
        {"pointer": "/query/boundaries"},
    )


def shown_in(
    day: date | None, unapportioned: Sequence[Unapportioned], knowledge: Knowledge
) -> dict[str, Any]:
    """Return the fields of ``InBoundaries``."""
    if day is None:
        return {}
    return {
        "boundaries": Boundaries.TODAY.value,
        "unapportioned": [_out(one, knowledge) for one in unapportioned],
    }


def _out(one: Unapportioned, knowledge: Knowledge) -> UnapportionedOut:
    name = knowledge.place_name(one.locality)
    return UnapportionedOut(
        locality=one.locality,
        name=TextOut(vi=name.vi, en=name.en),
        reason=one.why.value,
        into=list(one.into),
        periods=[period.text for period in one.periods],
    )
