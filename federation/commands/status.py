"""What a running service says about itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from rich.text import Text as Styled

from federation.commands import output
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text
from federation.model.period import LOCAL

ANSWER_TIMEOUT_S = 10.0
TIME_SUFFIX = "_at"
"""Ends the names of the fields that hold a time."""
TIME_SHOWN = "%d/%m %H:%M:%S"


@dataclass(frozen=True, kw_only=True)
class StatusPage:
    """A list of the REST interface that ``status`` shows.

    ``columns`` are field names of the items with their headings; a dot leads into a
    field of a field. ``below`` are fields whose text is too long for a column: each
    has lines of its own below the table, that begin with the first column.
    """

    path: str
    title: Text
    columns: Sequence[tuple[str, Text]]
    below: Sequence[tuple[str, Text]] = ()


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


def print_status(found: Status, pages: Sequence[StatusPage]) -> None:
    """Print an answer for people: readiness, then a table for each list."""
    output.print_table(
        Text(vi="Sẵn sàng", en="Readiness"),
        [Text(vi="Kiểm tra", en="Check"), Text(vi="Kết quả", en="Result")],
        [
            [
                check["name"],
                output.mark(check["ok"]).append(f" {check.get('why') or ''}", style=""),
            ]
            for check in found.checks
        ],
    )
    for page in pages:
        if rows := found.pages.get(page.path):
            _print_page(page, rows)


def _print_page(page: StatusPage, rows: Sequence[Mapping[str, Any]]) -> None:
    output.print_table(
        page.title,
        [heading for _, heading in page.columns],
        [[_cell(row, name) for name, _ in page.columns] for row in rows],
    )
    first, _ = page.columns[0]
    lines = [
        " – ".join(filter(None, (output.spoken(heading), str(_cell(row, first)))))
        + f": {said}"
        for name, heading in page.below
        for row in rows
        if (said := _cell(row, name))
    ]
    if lines:
        output.console().print("\n".join(lines), end="\n\n", markup=False)


def _cell(row: Mapping[str, Any], name: str) -> str | Styled:
    value: Any = row
    for step in name.split("."):
        value = None if value is None else value.get(step)
    if value is None:
        return ""
    if isinstance(value, bool):
        return output.mark(value)
    if isinstance(value, dict):
        if value.keys() == {"vi", "en"}:
            return output.spoken(Text(vi=value["vi"], en=value["en"]))
        return "; ".join(f"{key} {item}" for key, item in value.items())
    if name.endswith(TIME_SUFFIX):
        return datetime.fromisoformat(value).astimezone(LOCAL.zone).strftime(TIME_SHOWN)
    return str(value)
