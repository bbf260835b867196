"""The demo starts, agrees with itself, stops, and starts again with its data."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.promises.federation import claimed_ports

ROOT = Path(__file__).parents[2]
SECOND_START_MAX_S = 20.0
DAYS = "12"


async def demo(
    workspace: Path, port_base: int, *arguments: str
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "scripts.federation_demo",
        "--workspace",
        str(workspace),
        "--port-base",
        str(port_base),
        "--simulated-days",
        DAYS,
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def told(process: asyncio.subprocess.Process, what: str) -> str:
    """Return what the demo said up to a line with some words."""
    assert process.stdout is not None
    lines: list[str] = []
    async for line in process.stdout:
        lines.append(line.decode())
        if what in lines[-1]:
            return "".join(lines)
    raise AssertionError("".join(lines))


def processes_of(workspace: Path) -> list[str]:
    """Return the command lines of living processes that name the workspace."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(workspace) in command and str(os.getpid()) != path.parent.name:
            found.append(command)
    return found


@pytest.mark.timeout(400)
async def test_demo_agrees_stops_clean_and_starts_again_with_its_data(
    workspace_root: Path,
) -> None:
    with claimed_ports() as port_base:
        await follow(workspace_root / "demo", port_base)


async def follow(workspace: Path, port_base: int) -> None:
    checking = await demo(workspace, port_base, "--check")
    output, _ = await checking.communicate()
    said = output.decode()
    assert checking.returncode == 0, said
    assert "The tiers agree" in " ".join(said.split())
    assert "Số liệu mô phỏng / Simulated figures" in said
    assert "Số liệu thật / Real figures" not in said
    assert "11/130" in said
    assert processes_of(workspace) == []

    started = time.monotonic()
    serving = await demo(workspace, port_base)
    said = await told(serving, "Ctrl-C")
    assert time.monotonic() - started < SECOND_START_MAX_S, said
    assert len(processes_of(workspace)) >= 8
    # A child that was killed without warning comes back, or ends with the rest.
    victim = next(
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if f"{workspace}/vinh/city-node.toml".encode() in path.read_bytes()
    )
    os.kill(int(victim), signal.SIGKILL)
    await told(serving, "restarting")
    serving.send_signal(signal.SIGINT)
    await serving.communicate()
    assert serving.returncode == 0
    assert processes_of(workspace) == []
