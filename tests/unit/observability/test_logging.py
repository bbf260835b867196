"""No secret leaves through a log line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from federation.observability.logging import MASK, configure_logging, masked


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    out = io.StringIO()
    configure_logging(style="json", stream=out, program="sample")
    yield out
    root.handlers[:], root.level = handlers, level
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def test_secrets_are_masked_wherever_they_stand(stream: io.StringIO) -> None:
    structlog.get_logger("x").info(
        "started",
        url="postgresql://a:hidden1@h/d",
        join_token="hidden2",
        nested={"password": "hidden3", "seen": ["amqp://u:hidden4@h"]},
        tokens_seen=4,
    )
    logging.getLogger("library").warning("went to %s", "http://u:hidden5@h")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert "hidden" not in stream.getvalue()
    assert first["join_token"] == MASK
    assert first["url"] == f"postgresql://a:{MASK}@h/d"
    assert first["tokens_seen"] == 4
    assert (first["program"], first["level"], first["event"]) == (
        "sample",
        "info",
        "started",
    )
    assert second["event"] == f"went to http://u:{MASK}@h"


def test_secret_in_an_exception_is_masked(stream: io.StringIO) -> None:
    try:
        raise ValueError("can't reach postgresql://a:hidden@h/d")
    except ValueError:
        structlog.get_logger("x").exception("failed")
    assert "hidden" not in stream.getvalue()
    assert "can't reach" in stream.getvalue()


def test_plain_values_stay_as_they_are() -> None:
    assert masked({"count": 3, "at": "12:30@noon"}) == {"count": 3, "at": "12:30@noon"}
