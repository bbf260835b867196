"""What was read of the tier, kept for a moment and for when the tier is away.

An answer is kept per scope, token, moment of the past and every other parameter of what
was asked, so nobody sees what was read for another, or for another question.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar, cast

from dashboard.client import FailureKind, TierCallError
from dashboard.sessions import Visitor
from federation.clock import Clock

ANSWERS_MAX = 400
"""Answers kept at once; beyond it the one unused for longest goes."""

Content = TypeVar("Content")
CacheKey = tuple[str, str, Hashable]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer(Generic[Content]):
    """What was read, when, and what has failed since.

    ``failure`` is None for a current reading. With a failure the content is the last
    that was read; ``read_at`` says when.
    """

    content: Content
    read_at: datetime
    failure: FailureKind | None = None


class Answers:
    """Keeps the last answer to each question; safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        """Start with nothing kept."""
        self._clock = clock
        self._kept: OrderedDict[CacheKey, Answer[Any]] = OrderedDict()
        self._lock = threading.Lock()

    def read(
        self,
        visitor: Visitor,
        question: Hashable,
        ask: Callable[[Content | None], Content],
        *,
        fresh_for: timedelta,
    ) -> Answer[Content]:
        """Return the answer to a question of a visitor.

        Args:
            visitor: Who asks; part of the key.
            question: What is asked, with every parameter.
            ask: Reads the tier; it is given what was read before, if anything.
            fresh_for: An answer this young is given without a call.

        Raises:
            TierCallError: When the visitor is not (or no longer) signed in, the tier
                refuses the question, or can't be read and nothing was read before.
        """
        key = (visitor.scope, visitor.digest, question)
        with self._lock:
            kept = cast("Answer[Content] | None", self._kept.get(key))
        now = self._clock.now()
        if kept is not None and timedelta() <= now - kept.read_at < fresh_for:
            return kept
        try:
            content = ask(kept.content if kept is not None else None)
        except TierCallError as error:
            if error.kind in (FailureKind.SIGNED_OUT, FailureKind.FORBIDDEN):
                self.forget(visitor)
                raise
            if kept is None or error.kind is FailureKind.REFUSED:
                raise
            return replace(kept, failure=error.kind)
        answer = Answer(content=content, read_at=now)
        with self._lock:
            self._kept[key] = answer
            self._kept.move_to_end(key)
            while len(self._kept) > ANSWERS_MAX:
                self._kept.popitem(last=False)
        return answer

    def forget(self, visitor: Visitor) -> None:
        """Drop everything that was read for a visitor who left."""
        owner = (visitor.scope, visitor.digest)
        with self._lock:
            for key in [key for key in self._kept if key[:2] == owner]:
                del self._kept[key]
