"""Finding and ending the processes of one embedded server, and of no other.

A server that outlived its supervisor is recognised by what it says of itself: the
postmaster by the data folder on its command line, its children by the cluster name in
their titles. Pid files alone are not believed: after a crash or a reboot the number in
one may be anybody's.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import os
import signal
import time
from pathlib import Path

FAST_SHUTDOWN_S = 20.0
"""How long a left-over server may take to write its checkpoint and end."""

IMMEDIATE_SHUTDOWN_S = 5.0
"""How long it may take to end without one; then it is killed."""

POLL_INTERVAL_S = 0.03


def cluster_name(data: Path) -> str:
    """Returns the name a server of this data folder carries in its process titles."""
    return "ioc-" + hashlib.sha256(os.fsencode(data)).hexdigest()[:12]


def _arguments(pid: str) -> list[str]:
    try:
        raw = Path("/proc", pid, "cmdline").read_bytes()
    except OSError:
        return []
    return [os.fsdecode(part) for part in raw.split(b"\0")]


def postmasters(data: Path) -> list[int]:
    """Returns the pids of the servers that run on a data folder (0 or 1)."""
    found = []
    for pid in _pids():
        arguments = _arguments(pid)
        if Path(arguments[0] if arguments else "").name != "postgres":
            continue
        if ("-D", str(data)) in itertools.pairwise(arguments):
            found.append(int(pid))
    return found


def children(data: Path) -> list[int]:
    """Returns the pids of the server's own processes (sessions, writers, …)."""
    title = f"postgres: {cluster_name(data)}: "
    return [
        int(pid)
        for pid in _pids()
        if (arguments := _arguments(pid)) and arguments[0].startswith(title)
    ]


def _pids() -> list[str]:
    try:
        return [name for name in os.listdir("/proc") if name.isdecimal()]
    except FileNotFoundError:
        return []


def send(pids: list[int], number: signal.Signals) -> None:
    """Sends a signal to each process that is still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


async def end_leftovers(data: Path) -> int:
    """Ends every process of an earlier server of this data folder.

    Returns:
        How many processes there were.
    """
    first = postmasters(data) + children(data)
    steps = (
        (signal.SIGINT, FAST_SHUTDOWN_S),
        (signal.SIGQUIT, IMMEDIATE_SHUTDOWN_S),
        (signal.SIGKILL, IMMEDIATE_SHUTDOWN_S),
    )
    for number, patience_s in steps:
        # Only the postmaster knows how to stop orderly; sessions without one are
        # leftovers of a killed server and have nothing to save.
        if heads := postmasters(data):
            send(heads, number)
        elif tails := children(data):
            send(tails, signal.SIGQUIT if number == signal.SIGINT else number)
        deadline = time.monotonic() + patience_s
        while postmasters(data) or children(data):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(POLL_INTERVAL_S)
        else:
            return len(first)
    return len(first)
