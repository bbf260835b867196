"""Running a service: who owns its tasks, how it stops, what happens when one fails.

A task that fails with a retriable error is started again after a growing pause; the
failure is told once and the return once. Any other error is a fault of the program: the
service stops in order and raises it, and whoever started the service decides.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import random
import signal
import time
from collections.abc import Awaitable, Callable, Iterator

import structlog

from federation.errors import FederationError
from federation.observability.metrics import TASK_FAILURES, Metrics
from federation.storage.errors import is_retriable
from federation.storage.pool import DRIVER_ERRORS

Work = Callable[[], Awaitable[None]]

STOP_GRACE_S = 20.0
"""How long the tasks may take to end after they were cancelled; then they are left."""

log = structlog.get_logger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class RestartPolicy:
    """When a failed task runs again."""

    pause_s: float = 0.5
    pause_max_s: float = 30.0
    """The pause doubles up to here; each is made up to a quarter longer by chance."""
    steady_after_s: float = 10.0
    """After so long without a failure the next pause is the first one again."""


DEFAULT_POLICY = RestartPolicy()


@dataclasses.dataclass(kw_only=True)
class _Task:
    name: str
    work: Work
    policy: RestartPolicy
    why_down: str | None = None


class Service:
    """Owns the background tasks of one program or runtime.

    Use it as ``async with Service("node") as service:`` and leave the block to stop,
    or call ``serve`` to run until a signal comes.
    """

    def __init__(self, name: str, *, metrics: Metrics | None = None) -> None:
        """Name the service; tasks begin when they are given."""
        self.name = name
        self._metrics = metrics or Metrics()
        self._tasks: dict[str, _Task] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._fault: BaseException | None = None

    def run(
        self, name: str, work: Work, *, policy: RestartPolicy = DEFAULT_POLICY
    ) -> None:
        """Start a task that the service owns from now on.

        Args:
            name: Unique in the service; in the log and the metrics.
            work: Called for each (re)start; returning ends the task for good.
            policy: How it comes back after a retriable error.
        """
        if name in self._running and not self._running[name].done():
            raise ValueError(f"the service {self.name} already runs {name}")
        self._tasks[name] = _Task(name=name, work=work, policy=policy)
        kept = self._keep(self._tasks[name])
        running = asyncio.create_task(kept, name=f"{self.name}:{name}")
        running.add_done_callback(lambda done: self._ended(name, done))
        self._running[name] = running

    def stop(self) -> None:
        """Ask the service to stop; returns at once."""
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        """Tell whether the service was asked to stop."""
        return self._stopping.is_set()

    async def check(self) -> str | None:
        """Return None when every task runs, or which one is down and why (a probe)."""
        down = [
            f"{task.name}: {task.why_down}"
            for task in self._tasks.values()
            if task.why_down is not None
        ]
        return "; ".join(down) or None

    async def serve(self) -> None:
        """Run until SIGTERM, SIGINT, ``stop`` or a fault; then stop every task.

        Raises:
            BaseException: The fault of the task that ended the service.
        """
        with self._signals():
            await self._stopping.wait()
        log.info("service_stopping", service=self.name)
        await self._end_tasks()
        if self._fault is not None:
            raise self._fault

    async def __aenter__(self) -> Service:
        """Give the service."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop every task; raise the fault of one that failed meanwhile."""
        self._stopping.set()
        await self._end_tasks()
        if self._fault is not None:
            fault, self._fault = self._fault, None
            raise fault

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGTERM, signal.SIGINT)
        for number in numbers:
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    async def _end_tasks(self) -> None:
        # Last started, first ended: later tasks stand on earlier ones.
        pending = [task for task in reversed(self._running.values()) if not task.done()]
        for task in pending:
            task.cancel()
        if not pending:
            return
        _, late = await asyncio.wait(pending, timeout=STOP_GRACE_S)
        for task in late:
            log.error("task_did_not_stop", task=task.get_name(), after_s=STOP_GRACE_S)

    async def _keep(self, task: _Task) -> None:
        pause_s = task.policy.pause_s
        while True:
            began = time.monotonic()
            try:
                await self._once(task)
            except (FederationError, *DRIVER_ERRORS) as error:
                if not is_retriable(error):
                    raise
                self._metrics.counter(TASK_FAILURES, task=task.name).inc()
                if time.monotonic() - began > task.policy.steady_after_s:
                    pause_s = task.policy.pause_s
                if task.why_down is None:
                    log.warning("task_failed", task=task.name, why=str(error))
                task.why_down = str(error)
            else:
                self._back(task)
                return
            await asyncio.sleep(pause_s * random.uniform(1.0, 1.25))  # noqa: S311
            pause_s = min(pause_s * 2, task.policy.pause_max_s)

    async def _once(self, task: _Task) -> None:
        """Run the work once; when it holds for a while after a failure, say so."""
        if task.why_down is None:
            await task.work()
            return
        with _after(task.policy.pause_s, lambda: self._back(task)):
            await task.work()

    def _back(self, task: _Task) -> None:
        if task.why_down is not None:
            task.why_down = None
            log.info("task_returned", task=task.name)

    def _ended(self, name: str, done: asyncio.Task[None]) -> None:
        """Note how a task ended; a fault ends the service."""
        error = None if done.cancelled() else done.exception()
        if error is None:
            return
        log.error("task_broken", task=name, exc_info=error)
        self._tasks[name].why_down = str(error) or type(error).__name__
        if self._fault is None:
            self._fault = error
        self._stopping.set()


@contextlib.contextmanager
def _after(delay_s: float, call: Callable[[], None]) -> Iterator[None]:
    """Call something unless the block ends within the delay."""
    handle = asyncio.get_running_loop().call_later(delay_s, call)
    try:
        yield
    finally:
        handle.cancel()
