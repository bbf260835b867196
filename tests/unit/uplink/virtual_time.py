"""An event loop whose time passes only while everybody waits."""

import asyncio
import functools
import inspect
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class _InstantSelector(selectors.SelectSelector):
    """Reports what is ready now and, instead of waiting, moves the time."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("everybody waits for ever")
        if not ready and timeout:
            # A little past it: the sum of two floats may fall short of the third.
            self.now_s += max(timeout, 0) + 1e-6
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._instant = _InstantSelector()
        super().__init__(self._instant)

    def time(self) -> float:
        return self._instant.now_s


def run(world: Coroutine[Any, Any, Answer]) -> Answer:
    """Run something to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(world)


def in_virtual_time(
    test: Callable[..., Coroutine[Any, Any, None]],
) -> Callable[..., None]:
    """Make an async test one that runs on a loop of its own, in no time."""

    @functools.wraps(test)
    def wrapped(**parameters: object) -> None:
        run(test(**parameters))

    # Or pytest would see a coroutine function behind it.
    del wrapped.__wrapped__  # type: ignore[attr-defined]
    wrapped.__signature__ = inspect.signature(test)  # type: ignore[attr-defined]
    return wrapped
