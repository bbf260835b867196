"""Is the program alive, is it ready, and if not, why.

Alive means: restarting it would not help. Ready means: send it work. Whoever stands on
something (database, task, certificate) registers a check for it; ``/livez`` and
``/readyz`` show the answers.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable

from federation.errors import FederationError
from federation.observability.metrics import PROBE_OK, Metrics

Check = Callable[[], Awaitable[str | None]]
"""Returns None when all is well, or why not. A raised error counts as "why not"."""

CHECK_TIMEOUT_S = 5.0
"""A check that takes longer has failed."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What one check found."""

    name: str
    why: str | None
    duration_s: float

    @property
    def ok(self) -> bool:
        """Tell whether it passed."""
        return self.why is None


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProbeReport:
    """What all checks of a kind found."""

    checks: tuple[CheckResult, ...]

    @property
    def ok(self) -> bool:
        """Tell whether every check passed."""
        return all(check.ok for check in self.checks)


class Probes:
    """The checks of one runtime."""

    def __init__(
        self, *, metrics: Metrics | None = None, timeout_s: float = CHECK_TIMEOUT_S
    ) -> None:
        """Begin without any check: alive and ready."""
        self._metrics = metrics
        self._timeout_s = timeout_s
        self._live: dict[str, Check] = {}
        self._ready: dict[str, Check] = {}

    def add_live(self, name: str, check: Check) -> None:
        """Register what must hold for the process to be worth keeping."""
        self._live[name] = check

    def add_ready(self, name: str, check: Check) -> None:
        """Register what must hold for the program to take work."""
        self._ready[name] = check

    async def liveness(self) -> ProbeReport:
        """Run the liveness checks, all at once."""
        return await self._report(self._live)

    async def readiness(self) -> ProbeReport:
        """Run the readiness checks, all at once."""
        report = await self._report(self._ready)
        if self._metrics is not None:
            for result in report.checks:
                self._metrics.gauge(PROBE_OK, check=result.name).set(result.ok)
        return report

    async def _report(self, checks: dict[str, Check]) -> ProbeReport:
        runs = (self._run(name, check) for name, check in checks.items())
        return ProbeReport(checks=tuple(await asyncio.gather(*runs)))

    async def _run(self, name: str, check: Check) -> CheckResult:
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s):
                why = await check()
        except TimeoutError:
            why = f"no answer within {self._timeout_s:g} s"
        except (FederationError, OSError, ValueError, RuntimeError) as error:
            why = str(error) or type(error).__name__
        return CheckResult(name=name, why=why, duration_s=time.monotonic() - began)
