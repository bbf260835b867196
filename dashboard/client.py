"""The tier's REST interface, as the dashboard uses it.

One pooled connection per process; every call carries the token of the person who asks.
Tokens and passwords never enter an address or a log.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import quote, urlencode

import httpx
import msgspec

from federation.api.owed_schemas import ObligationsOut
from federation.api.schemas import (
    ChildrenOut,
    IndicatorOut,
    IndicatorsOut,
    LinksOut,
    LocalitiesOut,
    LocalityOut,
    OverviewOut,
    ProblemOut,
    SessionIn,
    SessionOut,
    TextOut,
    ValuesOut,
    VersionsOut,
    WindowOut,
)

ANSWER_BYTES_MAX = 16 * 1024 * 1024
"""An answer above this is refused: no page of a tier is that large."""

PLACES_MAX = 500
"""Names of so many parts of a place are asked for; the rest is shown by code."""

PAGE_MAX = 1000
"""Values or obligations asked for in one call: the tier's own limit."""

Shape = TypeVar("Shape")
Query = Mapping[str, str]


class FailureKind(StrEnum):
    """Why a call gave nothing, as far as a person can do something about it."""

    SIGNED_OUT = "signed_out"
    THROTTLED = "throttled"
    FORBIDDEN = "forbidden"
    ABSENT = "absent"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    BROKEN = "broken"


class TierCallError(Exception):
    """A call to the tier failed; ``kind`` chooses the words a person reads.

    ``reason`` is what the tier itself says where it refuses what was asked.
    """

    def __init__(
        self,
        kind: FailureKind,
        *,
        retry_after_s: float | None = None,
        reason: TextOut | None = None,
    ) -> None:
        """Keep what kind of failure it is, how long to wait and why, where known."""
        super().__init__(kind.value)
        self.kind = kind
        self.retry_after_s = retry_after_s
        self.reason = reason


_KIND_OF_STATUS = {
    400: FailureKind.REFUSED,
    409: FailureKind.REFUSED,
    422: FailureKind.REFUSED,
    401: FailureKind.SIGNED_OUT,
    403: FailureKind.FORBIDDEN,
    404: FailureKind.ABSENT,
    429: FailureKind.THROTTLED,
    502: FailureKind.UNREACHABLE,
    503: FailureKind.UNREACHABLE,
    504: FailureKind.UNREACHABLE,
}


class TierClient:
    """Calls one tier. Safe to share between threads."""

    def __init__(self, api_url: str, *, timeout_s: float) -> None:
        """Prepare the connection; nothing is sent yet."""
        self._http = httpx.Client(
            base_url=api_url.rstrip("/"),
            timeout=timeout_s,
            trust_env=False,
            headers={"Accept": "application/json"},
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def sign_in(self, username: str, password: str, *, address: str) -> SessionOut:
        """Open a session for somebody at an address, which the tier counts failures by.

        Raises:
            TierCallError: ``SIGNED_OUT`` means that name or password is wrong.
        """
        body = msgspec.json.encode(SessionIn(username=username, password=password))
        return self._call(
            SessionOut, "POST", "/api/v1/session", body=body, address=address
        )

    def sign_out(self, token: str) -> None:
        """End the session of a token."""
        self._send("DELETE", "/api/v1/session", token=token)

    def overview(self, token: str, query: Query) -> OverviewOut:
        """Return the tier's first page."""
        return self._get(OverviewOut, "overview", token, query)

    def indicator(self, token: str, id_: str) -> IndicatorOut:
        """Return an indicator's contract."""
        return self._get(IndicatorOut, f"indicators/{quote(id_, safe='')}", token)

    def indicators(self, token: str) -> IndicatorsOut:
        """Return every indicator the tier knows."""
        return self._get(IndicatorsOut, "indicators", token)

    def locality(self, token: str, id_: str) -> LocalityOut:
        """Return a place by id or code."""
        return self._get(LocalityOut, f"localities/{quote(id_, safe='')}", token)

    def values(self, token: str, query: Query) -> ValuesOut:
        """Return one page of values."""
        return self._get(ValuesOut, "values", token, {"limit": str(PAGE_MAX), **query})

    def versions(self, token: str, query: Query) -> VersionsOut:
        """Return all versions of one value."""
        return self._get(VersionsOut, "values/versions", token, query)

    def window(self, token: str, query: Query) -> WindowOut:
        """Return the values of a run of days."""
        return self._get(WindowOut, "window", token, query)

    def obligations(self, token: str, query: Query) -> ObligationsOut:
        """Return one page of who owes what."""
        wanted = {"limit": str(PAGE_MAX), **query}
        return self._get(ObligationsOut, "obligations", token, wanted)

    def children(self, token: str) -> ChildrenOut:
        """Return the streams the tier takes in: none at a tier that can't have any."""
        try:
            return self._call(ChildrenOut, "GET", "/api/v1/children", token=token)
        except TierCallError as error:
            if error.kind is not FailureKind.ABSENT:
                raise
            return ChildrenOut(items=[])

    def links(self, token: str) -> LinksOut:
        """Return the streams the tier sends."""
        return self._call(LinksOut, "GET", "/api/v1/links", token=token)

    def parts_of(self, token: str, locality: str) -> LocalitiesOut:
        """Return the places that make up another (all a page can need the names of)."""
        query = urlencode({"parent": locality, "limit": PLACES_MAX})
        return self._call(
            LocalitiesOut, "GET", f"/api/v1/localities?{query}", token=token
        )

    def ready(self) -> bool:
        """Tell whether the tier says that it is ready."""
        try:
            return self._http.get("/readyz").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def _get(
        self, shape: type[Shape], path: str, token: str, query: Query | None = None
    ) -> Shape:
        asked = {name: value for name, value in (query or {}).items() if value}
        # An empty breakdown is a wish of its own: the undivided series.
        if query is not None and query.get("breakdown") == "":
            asked["breakdown"] = ""
        tail = f"?{urlencode(asked)}" if asked else ""
        return self._call(shape, "GET", f"/api/v1/{path}{tail}", token=token)

    def _call(
        self,
        shape: type[Shape],
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: bytes | None = None,
        address: str = "",
    ) -> Shape:
        answer = self._send(method, path, token=token, body=body, address=address)
        try:
            return msgspec.json.decode(answer, type=shape)
        except msgspec.DecodeError as error:
            raise TierCallError(FailureKind.BROKEN) from error

    def _send(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: bytes | None = None,
        address: str = "",
    ) -> bytes:
        headers = {"Content-Type": "application/json"} if body else {}
        if address:
            headers["X-Forwarded-For"] = address
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            answer = self._http.request(method, path, headers=headers, content=body)
        except httpx.HTTPError as error:
            raise TierCallError(FailureKind.UNREACHABLE) from error
        if not answer.is_success:
            raise _failure(answer)
        if len(answer.content) > ANSWER_BYTES_MAX:
            raise TierCallError(FailureKind.BROKEN)
        return answer.content


def _failure(answer: httpx.Response) -> TierCallError:
    kind = _KIND_OF_STATUS.get(answer.status_code, FailureKind.BROKEN)
    try:
        problem = msgspec.json.decode(answer.content, type=ProblemOut)
        wait_s = problem.retry_after_s
        reason = TextOut(vi=problem.detail_vi, en=problem.detail_en)
    except msgspec.DecodeError:
        wait_s = reason = None
    header = answer.headers.get("Retry-After", "")
    if wait_s is None and header.isdigit():
        wait_s = float(header)
    return TierCallError(kind, retry_after_s=wait_s, reason=reason)
