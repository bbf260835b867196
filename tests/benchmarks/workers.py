"""Processes of a benchmark: started with a plan, speaking JSON lines, always ended.

A worker is a module with ``async def main(plan, speak, listen)``. ``speak`` writes one
JSON line to whoever started it, ``listen`` waits for one and returns None at the end.
"""

from __future__ import annotations

import asyncio
import cProfile
import importlib
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from federation.observability.logging import configure_logging

ROOT = Path(__file__).parents[2]
ANSWER_TIMEOUT_S = 120.0
"""A worker that says nothing for so long has failed."""

LINE_BYTES_MAX = 1024 * 1024
Speak = Callable[[dict[str, Any]], None]
Listen = Callable[[], Awaitable[dict[str, Any] | None]]


class Worker:
    """A process that runs one worker module; its stderr is ours."""

    def __init__(
        self, module: str, plan: dict[str, Any], *, profile: Path | None = None
    ) -> None:
        self._module = module
        self._plan = plan
        self._profile = profile
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        """Start the process and hand it its plan."""
        command = [sys.executable, "-m", "tests.benchmarks.workers", self._module]
        if self._profile is not None:
            command.append(str(self._profile))
        self._process = await asyncio.create_subprocess_exec(
            *command,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_BYTES_MAX,
            env={**os.environ, "GRPC_VERBOSITY": "ERROR"},
        )
        await self.tell(self._plan)
        return self

    async def tell(self, message: dict[str, Any]) -> None:
        """Write a line to the worker."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        await self._process.stdin.drain()

    async def hear(self) -> dict[str, Any]:
        """Return the worker's next line; raise ``RuntimeError`` when it ended."""
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._module} ended before it answered")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the process: it leaves when nobody speaks to it any more."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S if error is None else 5):
                await process.stdout.read()
                status = await process.wait()
        except TimeoutError:
            process.kill()
            status = await process.wait()
        if status != 0 and error is None:
            raise RuntimeError(f"{self._module} ended with status {status}")


async def _run(module: str) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LINE_BYTES_MAX)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer
    )

    async def listen() -> dict[str, Any] | None:
        line = await reader.readline()
        return json.loads(line) if line else None

    def speak(message: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    configure_logging(level="WARNING")
    plan = await listen()
    await importlib.import_module(module).main(plan, speak, listen)


def _main(module: str, profile: str | None = None) -> None:
    if profile is None:
        asyncio.run(_run(module))
        return
    with cProfile.Profile() as profiler:
        asyncio.run(_run(module))
    profiler.dump_stats(profile)


if __name__ == "__main__":
    _main(*sys.argv[1:])
