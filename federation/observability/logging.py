"""Log lines: structured, one event each, with secrets masked on every way out."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog

LogFormat = Literal["console", "json"]
MASK = "********"
SECRET_NAME = re.compile(
    r"(^|_)(password|passwd|secret|token|authorization|cookie|private_key|api_key)s?$",
    re.IGNORECASE,
)
"""Fields whose value never appears."""

SECRET_IN_URL = re.compile(r"(?<=://)([^/\s:@]*):([^/\s@]+)@")
"""The password part of an address, wherever it stands."""

Event = MutableMapping[str, Any]


def masked(value: Any, name: str = "") -> Any:
    """Return a value fit for the log: no secret field, no password in an address."""
    if name and SECRET_NAME.search(name):
        return MASK
    if isinstance(value, str):
        return SECRET_IN_URL.sub(rf"\1:{MASK}@", value)
    if isinstance(value, Mapping):
        return {key: masked(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return value


def mask_secrets(_logger: Any, _method: str, event: Event) -> Event:
    """Mask what an event carries (a processor of structlog)."""
    return {name: masked(value, name) for name, value in event.items()}


def configure_logging(
    *,
    style: LogFormat = "console",
    level: str = "INFO",
    stream: TextIO | None = None,
    program: str = "",
) -> None:
    """Send the program's lines and those of its libraries to one place.

    Args:
        style: ``json`` for machines, ``console`` for a person.
        level: The lowest level that is written.
        stream: Where to; standard error by default.
        program: Named in every line.
    """
    stream = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        mask_secrets,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    structlog.contextvars.clear_contextvars()
    if program:
        structlog.contextvars.bind_contextvars(program=program)
    # Per-request lines of these come from our own middleware, with the outcome.
    for name in ("uvicorn.access", "httpx", "httpcore", "tortoise"):
        logging.getLogger(name).setLevel(logging.WARNING)
