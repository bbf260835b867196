"""Asks an address whether it has something new, and takes no more than it may.

A redirect is followed only to the same host, port and scheme: the secret goes nowhere
else. The certificate is always checked. What an error says never holds the query of
the address or the secret.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import httpx

from federation.clock import Clock
from federation.model.indicator import Text

REDIRECTS_MAX = 3
"""More redirects in a row are refused: a circle, or worse."""

RETRY_AFTER_MAX_S = 24 * 3600.0
"""A source that asks for more patience is asked again after a day."""

_TAG_LENGTH_MAX = 1000
_REDIRECTS = frozenset((301, 302, 303, 307, 308))


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What to ask; ``secret`` is never shown."""

    url: str
    timeout_s: float
    bytes_max: int
    secret_header: str = ""
    secret: str = field(default="", repr=False)
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """A new body, with what the source calls this version of it."""

    content: bytes
    etag: str
    last_modified: str


class NotModified:
    """The source has nothing new."""


@dataclass(eq=False)
class FetchError(Exception):
    """The source can't be read now; both texts say why."""

    text: Text
    retry_after_s: float | None = None


def shown(url: str) -> str:
    """Return an address without what may be secret in it: its query."""
    parts = httpx.URL(url)
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{parts.host}{port}{parts.path}"


async def fetch(request: Request, clock: Clock) -> Fetched | NotModified:
    """Ask a source, for as long as the request's time lasts.

    Raises:
        FetchError: It does not answer, refuses, or answers with too much.
    """
    try:
        async with (
            asyncio.timeout(request.timeout_s),
            httpx.AsyncClient(
                timeout=request.timeout_s, follow_redirects=False
            ) as client,
        ):
            return await _followed(client, request, clock)
    except TimeoutError as error:
        raise FetchError(_silent(request)) from error
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise FetchError(_unreachable(request, error)) from error


async def _followed(
    client: httpx.AsyncClient, request: Request, clock: Clock
) -> Fetched | NotModified:
    origin = url = httpx.URL(request.url)
    for _ in range(REDIRECTS_MAX + 1):
        async with client.stream("GET", url, headers=_headers(request)) as answer:
            if answer.status_code not in _REDIRECTS:
                return await _answered(answer, request, clock)
            url = url.join(answer.headers.get("Location", ""))
        if _origin(url) != _origin(origin):
            raise FetchError(_elsewhere(request, url))
    raise FetchError(_circle(request))


async def _answered(
    answer: httpx.Response, request: Request, clock: Clock
) -> Fetched | NotModified:
    if answer.status_code == httpx.codes.NOT_MODIFIED and (
        request.etag or request.last_modified
    ):
        return NotModified()
    if answer.status_code != httpx.codes.OK:
        raise FetchError(
            _refused(request, answer.status_code), _retry_after(answer, clock)
        )
    packed = answer.headers.get("Content-Encoding", "").strip().casefold()
    if packed not in ("", "identity"):
        # Unpacking what nobody asked for, a few kilobytes would be gigabytes.
        raise FetchError(_packed(request))
    content = bytearray()
    async for piece in answer.aiter_raw():
        content += piece
        if len(content) > request.bytes_max:
            raise FetchError(_too_large(request))
    return Fetched(
        content=bytes(content),
        etag=_tag(answer, "ETag"),
        last_modified=_tag(answer, "Last-Modified"),
    )


def _headers(request: Request) -> Mapping[str, str]:
    headers = {"Accept-Encoding": "identity", "User-Agent": "ioc-city-node"}
    if request.etag:
        headers["If-None-Match"] = request.etag
    if request.last_modified:
        headers["If-Modified-Since"] = request.last_modified
    if request.secret_header:
        headers[request.secret_header] = request.secret
    return headers


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _tag(answer: httpx.Response, name: str) -> str:
    """Return a header that is given back later; what could not be is not kept."""
    value = str(answer.headers.get(name, ""))
    fits = len(value) <= _TAG_LENGTH_MAX and value.isascii() and value.isprintable()
    return value if fits else ""


def _retry_after(answer: httpx.Response, clock: Clock) -> float | None:
    """Return for how long a source asks to be left alone (RFC 9110, 10.2.3)."""
    said = answer.headers.get("Retry-After", "").strip()
    if not said:
        return None
    try:
        seconds = (
            float(said)
            if said.isdigit()
            else (parsedate_to_datetime(said) - clock.now()).total_seconds()
        )
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_MAX_S)


def _silent(request: Request) -> Text:
    return Text(
        vi=f"Nguồn {shown(request.url)} không trả lời xong trong "
        f"{request.timeout_s:g} giây. Hệ thống tự thử lại.",
        en=f"The source {shown(request.url)} did not finish its answer within "
        f"{request.timeout_s:g} seconds. It is tried again.",
    )


def _unreachable(request: Request, error: Exception) -> Text:
    # The library's own words may quote the whole address.
    why = type(error).__name__
    return Text(
        vi=f"Không kết nối được nguồn {shown(request.url)} ({why}). Hệ thống tự thử "
        "lại; nếu kéo dài, hãy kiểm tra mạng và chứng thư của nguồn.",
        en=f"The source {shown(request.url)} can't be reached ({why}). It is tried "
        "again; if that lasts, check the network and the source's certificate.",
    )


def _refused(request: Request, status: int) -> Text:
    return Text(
        vi=f"Nguồn {shown(request.url)} trả lời mã {status}. Hệ thống tự thử lại; hãy "
        "kiểm tra địa chỉ và khóa truy cập.",
        en=f"The source {shown(request.url)} answers with status {status}. It is tried "
        "again; check the address and the secret.",
    )


def _elsewhere(request: Request, url: httpx.URL) -> Text:
    return Text(
        vi=f"Nguồn {shown(request.url)} chuyển hướng sang {url.scheme}://{url.host}; "
        "không đi theo. Nếu nguồn đã dời, hãy sửa địa chỉ trong cấu hình.",
        en=f"The source {shown(request.url)} redirects to {url.scheme}://{url.host}, "
        "which is not followed. If it moved, change the address in the configuration.",
    )


def _circle(request: Request) -> Text:
    return Text(
        vi=f"Nguồn {shown(request.url)} chuyển hướng quá {REDIRECTS_MAX} lần.",
        en=f"The source {shown(request.url)} redirects {REDIRECTS_MAX} times and more.",
    )


def _packed(request: Request) -> Text:
    return Text(
        vi=f"Nguồn {shown(request.url)} gửi dữ liệu nén dù được yêu cầu không nén; đã "
        "ngừng nhận. Hãy đề nghị nguồn tắt nén cho địa chỉ này.",
        en=f"The source {shown(request.url)} sends packed data although it was asked "
        "not to; the answer was left. Ask for this address to be served unpacked.",
    )


def _too_large(request: Request) -> Text:
    limit = request.bytes_max
    return Text(
        vi=f"Nguồn {shown(request.url)} gửi nhiều hơn {limit} byte; đã ngừng nhận. Nếu "
        "đúng là tệp lớn, hãy nâng giới hạn trong cấu hình.",
        en=f"The source {shown(request.url)} sends more than {limit} bytes; the rest "
        "was left. If the file is that large, raise the limit in the configuration.",
    )
