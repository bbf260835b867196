"""What a running service says about itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text

ANSWER_TIMEOUT_S = 10.0


@dataclass(frozen=True, kw_only=True)
class StatusPage:
    """A list of the REST interface that ``status`` shows.

    ``columns`` are field names of the items with their headings.
    """

    path: str
    title: Text
    columns: Sequence[tuple[str, Text]]


@dataclass(frozen=True, kw_only=True)
class Status:
    """The answer: is it ready, and the lists that were asked for, by path."""

    ready: bool
    checks: Sequence[Mapping[str, Any]]
    pages: Mapping[str, Sequence[Mapping[str, Any]]]


async def ask(base_url: str, pages: Sequence[StatusPage], token: str | None) -> Status:
    """Ask a running service.

    Args:
        base_url: ``http://host:port``.
        pages: Lists to fetch; needs a token.
        token: A session's bearer token.

    Raises:
        FederationError: ``UNAVAILABLE`` when nothing answers there.
    """
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        async with httpx.AsyncClient(
            base_url=base_url, timeout=ANSWER_TIMEOUT_S, headers=headers
        ) as client:
            ready = await client.get("/readyz")
            found = {}
            for page in pages if token is not None else ():
                answer = await client.get(page.path)
                answer.raise_for_status()
                found[page.path] = answer.json()["items"]
    except httpx.HTTPError as error:
        raise FederationError(
            ErrorCode.UNAVAILABLE,
            f"Dịch vụ tại {base_url} không trả lời ({error}). Dịch vụ có đang chạy "
            "không? Khởi động bằng lệnh serve, rồi xem nhật ký.",
            f"The service at {base_url} does not answer ({error}). Is it running? "
            "Start it with serve, then see its log.",
            {"url": base_url},
        ) from error
    return Status(
        ready=ready.is_success, checks=ready.json().get("checks", []), pages=found
    )
