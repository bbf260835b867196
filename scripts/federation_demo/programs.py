"""Child processes: started, watched, brought back and stopped."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

RESTART_DELAY_S = 0.5
RESTART_DELAY_MAX_S = 10.0
# A program that ran this long was well: its next restart waits the short time again.
STEADY_AFTER_S = 30.0
STOP_TIMEOUT_S = 20.0
READY_TIMEOUT_S = 120.0
READY_POLL_S = 0.1
LOG_TAIL_LINES = 15

_PR_SET_PDEATHSIG = 1


class ProgramFailedError(Exception):
    """A program did not come up; the text holds the end of its log."""


def _end_with_parent() -> None:
    """Have the kernel end this child when the demo is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(kw_only=True)
class Program:
    """One child process with its own log file, brought back when it ends unasked."""

    name: str
    command: Sequence[str]
    log: Path
    ready_url: str
    environment: Mapping[str, str] = field(default_factory=dict)
    restarts: int = 0
    _process: asyncio.subprocess.Process | None = None
    _stopping: bool = False

    @property
    def pid(self) -> int:
        """Return the process id, 0 when it does not run."""
        process = self._process
        return process.pid if process and process.returncode is None else 0

    async def start(self) -> None:
        """Start the process; it may not be ready yet."""
        self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    async def ready(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Wait until the program answers at its address.

        Raises:
            ProgramFailedError: when it does not within the time, or ends before.
        """
        deadline = time.monotonic() + timeout_s
        async with httpx.AsyncClient(timeout=5.0) as client:
            while time.monotonic() < deadline:
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(self.ready_url)).status_code == 200:
                        return
                if self._process is None or self._process.returncode is not None:
                    raise ProgramFailedError(self._failure("ended / đã dừng"))
                await asyncio.sleep(READY_POLL_S)
        raise ProgramFailedError(self._failure(f"{timeout_s:.0f} s"))

    def _failure(self, why: str) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        tail = "\n".join(lines[-LOG_TAIL_LINES:])
        return f"{self.name}: {why}. Log: {self.log}\n{tail}"

    async def watch(self, tell: "Tell") -> None:
        """Bring the program back whenever it ends unasked; runs until cancelled."""
        delay_s = RESTART_DELAY_S
        while process := self._process:
            started = time.monotonic()
            status = await process.wait()
            if self._stopping:
                return
            if time.monotonic() - started > STEADY_AFTER_S:
                delay_s = RESTART_DELAY_S
            tell(f"{self.name} đã dừng (mã {status}); khởi động lại / restarting")
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 2, RESTART_DELAY_MAX_S)
            self.restarts += 1
            await self.start()

    async def stop(self) -> None:
        """Ask the process to end, and end it when it does not in time."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            process.kill()
            await process.wait()


class Tell:
    """Says a line to the person at the terminal."""

    def __call__(self, line: str) -> None:
        """Print a line at once."""
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
