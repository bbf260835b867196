"""Who is asking, in which language, for which page."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from federation.access.sessions import Access, Actor
from federation.api.schemas import LinkOut, TierOut
from federation.clock import Clock
from federation.errors import ErrorCode, FederationError
from federation.observability.metrics import Metrics
from federation.observability.probes import Probes
from federation.views.knowledge import Knowledge
from federation.views.obligations import ObligationViews
from federation.views.overview import OverviewView
from federation.views.values import ValueViews
from federation.views.window import WindowView

LANGUAGES = ("vi", "en")
Shape = msgspec.Struct
AnyConnection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the routes stand on; a program makes one for its application."""

    tier: TierOut
    access: Access
    knowledge: Callable[[], Awaitable[Knowledge]]
    values: ValueViews[Any]
    windows: WindowView[Any]
    overview: OverviewView[Any]
    obligations: ObligationViews[Any]
    links: Callable[[], Awaitable[list[LinkOut]]]
    probes: Probes
    metrics: Metrics
    clock: Clock

    @property
    def cookie_name(self) -> str:
        """Return the name of the session cookie; tiers on one host don't collide."""
        return f"ioc_{self.tier.workspace}_{self.tier.id}"


def parts_of(connection: AnyConnection) -> Parts:
    """Return what the routes of this application stand on."""
    return cast(Parts, connection.app.state.parts)


def token_of(connection: AnyConnection) -> str | None:
    """Return the session token of a request: bearer first, then the cookie."""
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    return connection.cookies.get(parts_of(connection).cookie_name)


async def signed_in(connection: AnyConnection, _handler: BaseRouteHandler) -> None:
    """Let only known people pass (a guard); ``actor_of`` then says who.

    Raises:
        FederationError: ``UNAUTHENTICATED``.
    """
    token = token_of(connection)
    if token is None:
        raise FederationError(
            ErrorCode.UNAUTHENTICATED,
            "Chưa đăng nhập. Gửi tên và mật khẩu tới POST /api/v1/session.",
            "Not signed in. Send name and password to POST /api/v1/session.",
        )
    if _is_by_cookie(connection) and _is_from_elsewhere(connection):
        raise FederationError(
            ErrorCode.FORBIDDEN,
            "Yêu cầu thay đổi đến từ trang khác bị từ chối. Hãy gửi mã phiên trong "
            "tiêu đề Authorization: Bearer.",
            "A change asked for by another page is refused. Send the session token "
            "in the header Authorization: Bearer.",
        )
    connection.state.actor = await parts_of(connection).access.authenticate(token)


def _is_by_cookie(connection: AnyConnection) -> bool:
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    return scheme.lower() != "bearer" or not value.strip()


def _is_from_elsewhere(connection: AnyConnection) -> bool:
    """Return whether a browser sends a change for a page that is not of this tier.

    A cookie has no port: SameSite alone lets every service of the host write.
    """
    if connection.scope.get("method") in ("GET", "HEAD", "OPTIONS"):
        return False
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = connection.headers.get("origin")
    host = connection.headers.get("host", "")
    return origin is not None and origin.partition("://")[2] != host


def actor_of(connection: AnyConnection) -> Actor:
    """Return who is asking, on a route behind ``signed_in``."""
    return cast(Actor, connection.state.actor)


def address_of(request: Request[Any, Any, Any]) -> str:
    """Return where a request came from."""
    return request.client.host if request.client is not None else "unknown"


def language_of(accepted: str) -> str:
    """Return the language of an ``Accept-Language`` header; Vietnamese by default."""
    best, best_weight = LANGUAGES[0], 0.0
    for part in accepted.split(","):
        name, _, parameter = part.strip().partition(";q=")
        try:
            weight = float(parameter) if parameter else 1.0
        except ValueError:
            continue
        language = name.split("-")[0].lower()
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def write_cursor(position: Any) -> str:
    """Return a position as an opaque text."""
    packed = base64.urlsafe_b64encode(msgspec.json.encode(position))
    return packed.decode().rstrip("=")


def read_cursor(text: str, kind: Any) -> Any:
    """Return the position of a cursor that ``write_cursor`` made.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` when it is none.
    """
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return msgspec.json.decode(packed, type=kind)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise no_cursor() from error


def no_cursor() -> FederationError:
    """Return the error for a cursor that ``write_cursor`` did not make."""
    return FederationError(
        ErrorCode.INVALID_ARGUMENT,
        "cursor không hợp lệ. Dùng đúng giá trị “next” của trang trước.",
        "cursor is not valid. Use the “next” of the page before as it is.",
        {"pointer": "/query/cursor"},
    )
