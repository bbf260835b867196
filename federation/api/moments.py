"""How a moment of the past is asked for, and how an answer says of when it is."""

from datetime import UTC, datetime
from typing import Annotated, Any

from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from federation.api.schemas import KnownThen
from federation.errors import ErrorCode, FederationError
from federation.warehouse.history import AsOf, not_in_the_future

AsOfText = Annotated[
    str | None,
    QueryParameter(
        name="as_of",
        description="Only what this tier knew at a moment (ISO 8601 with offset).",
        examples=[Example(value="2025-02-01T08:00:00+07:00")],
    ),
]


def asked_moment(text: str | None, now: datetime) -> datetime | None:
    """Return the moment a reader asks for.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` when it has no offset, is no moment or
            has not come yet.
    """
    if text is None:
        return None
    try:
        # A plus sign that was not quoted arrives as a space.
        asked = datetime.fromisoformat(text.strip().replace(" ", "+"))
        if asked.tzinfo is not None:
            asked.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter: before the year 1
        asked = None
    if asked is None or asked.tzinfo is None:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"as_of “{text}” không phải là một thời điểm có múi giờ. Hãy viết, ví dụ, "
            "2025-02-01T08:00:00+07:00.",
            f"as_of “{text}” is not a moment with an offset. Write, for example, "
            "2025-02-01T08:00:00+07:00.",
            {"pointer": "/query/as_of"},
        )
    not_in_the_future(asked, now)
    return asked


def known_then(as_of: AsOf | None) -> dict[str, Any]:
    """Return the fields of ``KnownThen``."""
    if as_of is None:
        return {}
    since = as_of.known_since
    fields = KnownThen(
        as_of=as_of.moment.isoformat(),
        resolution=as_of.resolution.value,
        known_since=None if since is None else since.isoformat(),
    )
    return {name: getattr(fields, name) for name in fields.__struct_fields__}
