"""Log-in and log-out."""

from typing import Any

from litestar import Controller, Request, Response, delete, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody

from federation.api.examples import INVALID, SESSION, THROTTLED, UNAUTHENTICATED, ok
from federation.api.present import moment
from federation.api.requests import address_of, parts_of, token_of
from federation.api.schemas import SessionIn, SessionOut

LOGIN_BODY_BYTES_MAX = 8 * 1024


class SessionController(Controller):
    """One session: made with a password, ended by its owner."""

    path = "/session"
    tags = ("session",)

    @post(
        operation_id="createSession",
        summary="Đăng nhập / Log in",
        request_max_body_size=LOGIN_BODY_BYTES_MAX,
        responses={**ok(SessionOut, SESSION, 201), **INVALID, **UNAUTHENTICATED}
        | THROTTLED,
    )
    async def create_session(
        self, request: Request[Any, Any, Any], data: JSONBody[SessionIn]
    ) -> Response[SessionOut]:
        """Return a token, and the same as a cookie for browsers."""
        parts = parts_of(request)
        signed_in = await parts.access.sign_in(
            data.username, data.password, address=address_of(request)
        )
        left = signed_in.expires_at - parts.clock.now()
        return Response(
            SessionOut(
                token=signed_in.token,
                expires_at=moment(signed_in.expires_at),
                username=signed_in.actor.username,
                role=signed_in.actor.role,
                scope=signed_in.actor.scope,
                tier=parts.tier,
            ),
            headers={"Cache-Control": "no-store"},
            cookies=[_cookie(request, signed_in.token, int(left.total_seconds()))],
        )

    @delete(
        operation_id="deleteSession",
        summary="Đăng xuất / Log out",
    )
    async def delete_session(self, request: Request[Any, Any, Any]) -> Response[None]:
        """End the session of the token or cookie; harmless when there is none."""
        token = token_of(request)
        if token is not None:
            address = address_of(request)
            await parts_of(request).access.sign_out(token, address=address)
        return Response(None, status_code=204, cookies=[_cookie(request, "", 0)])


def _cookie(request: Request[Any, Any, Any], token: str, max_age_s: int) -> Cookie:
    return Cookie(
        key=parts_of(request).cookie_name,
        value=token,
        max_age=max_age_s,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
