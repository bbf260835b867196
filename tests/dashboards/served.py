"""A dashboard as an operator starts it: a process of its own at a free port."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.dashboards.fake_tier import FakeTier
from tests.dashboards.figures import NAMES

ROOT = Path(__file__).resolve().parents[2]
START_MAX_S = 60.0
STOP_MAX_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running dashboard: where it is, the tier behind it, what it logged."""

    url: str
    tier: FakeTier
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def cookie(self) -> str:
        port = self.tier.url.rsplit(":", 1)[1]
        return f"ioc_test_{self.tier.level}_{port}"


def write_config(path: Path, tier: FakeTier, port: int) -> None:
    name = NAMES[tier.level][1]
    path.write_text(
        f"""workspace = "test"
port = {port}
refresh_interval_s = 2.0
api_timeout_s = 5.0

[tier]
api_url = "{tier.url}"
level = "{tier.level}"
name_vi = "{name.vi}"
name_en = "{name.en}"
""",
        encoding="utf-8",
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dashboard.cli", *arguments]


@contextmanager
def served(tier: FakeTier, folder: Path) -> Iterator[Served]:
    """Start the page of a tier and wait until it answers."""
    port = free_port()
    config, log = folder / f"{tier.level}.toml", folder / f"{tier.level}.log"
    write_config(config, tier, port)
    url = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            program("serve", "--config", str(config)),
            cwd=ROOT,
            stdout=output,
            stderr=output,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        try:
            until_live(url, process, log)
            yield Served(url=url, tier=tier, process=process, log=log)
        finally:
            process.terminate()
            try:
                process.wait(STOP_MAX_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def until_live(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_MAX_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            if httpx.get(f"{url}/livez", trust_env=False).is_success:
                return
        except httpx.ConnectError:
            pass
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError(log.read_text(encoding="utf-8"))
