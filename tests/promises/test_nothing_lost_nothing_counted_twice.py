"""Promise 1: what a node accepted reaches every tier, once in effect.

Real processes: PostgreSQL, two hubs, two nodes. While an inspector's system pushes
violations and a file is read again and again, one of them is killed without warning
at a random moment, round after round. Every pushed record adds one to a bucket of
its own (a ward and a day), so a correct value is 1: a 2 was counted twice, an absent
one was lost.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from scripts.federation_demo.layout import (
    HOSTED,
    NATION,
    PROVINCE,
    VINH,
    Layout,
)
from scripts.federation_demo.reading import TierReader
from scripts.federation_demo.running import RunningFederation
from tests.promises.federation import Federation

INDICATOR = "environment.violations_found"
WARDS = ("16681", "16690", "16702", "16708", "16732", "17920")
FIRST_DAY = date(2025, 7, 1)
LAST_DAY = date(2026, 10, 31)
BATCH_RECORDS = 30
PAUSE_MAX_S = 1.2
DRAIN_TIMEOUT_S = 90.0
# Rounds in a run of the suite; `IOC_KILL_ROUNDS=200 pytest …` for a long one.
ROUNDS = int(os.environ.get("IOC_KILL_ROUNDS", "12"))
SEED = int(os.environ.get("IOC_KILL_SEED", "20261122"))
VICTIMS = (VINH.id, PROVINCE.id, NATION.id, "postgres", "ingest")


@pytest_asyncio.fixture
async def running(
    workspace_root: Path,
) -> AsyncIterator[tuple[RunningFederation, Layout]]:
    async with Federation.running(workspace_root / "killed") as federation:
        yield federation.processes, federation.layout


def buckets() -> list[tuple[str, date]]:
    days = (LAST_DAY - FIRST_DAY).days + 1
    return [(w, FIRST_DAY + timedelta(days=n)) for n in range(days) for w in WARDS]


def record(ward: str, day: date) -> dict[str, Any]:
    return {
        "source": "inspection",
        "source_key": f"{ward}:{day.isoformat()}",
        "kind": "violations_day",
        "fields": {
            "locality": f"{ward}@2025-07-01",
            "day": day.isoformat(),
            "found": 1,
        },
    }


class Pusher:
    """Pushes every bucket once, and again until it hears that it was accepted."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        # Pushing lasts as long as the killing, however many rounds there are.
        batches = len(buckets()) / BATCH_RECORDS
        self.pace_s = ROUNDS * PAUSE_MAX_S / 2 / batches
        self.accepted = 0
        self.tries = 0

    async def push(self, pending: list[tuple[str, date]], until: asyncio.Event) -> None:
        headers: dict[str, str] = {}
        address = self._layout.address(VINH)
        url = f"{address.api_url}/api/v1"
        async with httpx.AsyncClient(timeout=10.0) as client:
            while pending:
                batch = pending[:BATCH_RECORDS]
                self.tries += 1
                try:
                    if not headers:
                        headers = await self._log_in(client, url)
                    answer = await client.post(
                        f"{url}/records/environment/bulk",
                        json={"records": [record(*bucket) for bucket in batch]},
                        headers=headers,
                    )
                    answer.raise_for_status()
                except httpx.HTTPError:
                    await asyncio.sleep(0.05)
                    continue
                outcomes = Counter(row["outcome"] for row in answer.json()["records"])
                assert set(outcomes) <= {"landed", "unchanged"}, answer.text
                del pending[: len(batch)]
                self.accepted += len(batch)
                if not until.is_set():
                    await asyncio.sleep(self.pace_s)

    async def _log_in(self, client: httpx.AsyncClient, url: str) -> dict[str, str]:
        address = self._layout.address(VINH)
        answer = await client.post(
            f"{url}/session",
            json={"username": address.username, "password": address.password},
        )
        answer.raise_for_status()
        return {"Authorization": f"Bearer {answer.json()['token']}"}


class Ingesting:
    """Feeds a file through the command line, again whenever it was killed."""

    def __init__(self, layout: Layout, path: Path) -> None:
        self._layout = layout
        self._path = path
        self.pid = 0
        self.completed = 0
        self.killed = 0

    async def feed(self, stopping: asyncio.Event) -> None:
        while True:
            command = self._layout.command(
                VINH, "ingest", "environment", str(self._path), "--json"
            )
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            self.pid = process.pid
            status = await process.wait()
            self.pid = 0
            if status == 0:
                self.completed += 1
                if stopping.is_set():
                    return
            else:
                self.killed += 1


def weather_file(folder: Path) -> Path:
    """Write a station's months in the form in which they come."""
    lines = ["year,month,station,Ta,Tx,Tm,Rf,aH,rH,Sh"]
    lines += [
        f"{year},{month},Vinh,20.5,25.1,17.2,{year % 100 + month / 10},20,80,100"
        for year in range(1961, 2018)
        for month in range(1, 13)
    ]
    path = folder / "weather.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def kill(federation: RunningFederation, ingesting: Ingesting, victim: str) -> bool:
    """Kill without warning; return whether there was something to kill."""
    if victim == "postgres":
        pid = federation.postgres.pid
    elif victim == "ingest":
        pid = ingesting.pid
    else:
        pid = federation.programs[victim].pid
    if not pid:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return True


async def values_of(layout: Layout, tier: Any, indicator: str) -> list[dict[str, Any]]:
    async with TierReader(layout.address(tier)) as reader:
        return await reader.values(indicator)


async def settled(layout: Layout, tier: Any, count: int) -> list[dict[str, Any]]:
    """Return a tier's values once it has as many reported ones as were accepted."""
    deadline = time.monotonic() + DRAIN_TIMEOUT_S
    values: list[dict[str, Any]] = []
    while time.monotonic() < deadline:
        try:
            values = await values_of(layout, tier, INDICATOR)
        except httpx.HTTPError:
            values = []
        reported = [value for value in values if value["basis"] == "reported"]
        rolled_up = sum(
            float(value["value"])
            for value in values
            if value["basis"] == "rolled_up" and value["locality"] == "40"
        )
        if len(reported) >= count and (tier is VINH or rolled_up >= count):
            return values
        await asyncio.sleep(0.3)
    raise AssertionError(
        f"{tier.id}: {len(values)} values after {DRAIN_TIMEOUT_S} s, {count} expected"
    )


@pytest.mark.timeout(ROUNDS * 30 + 300)
async def test_killing_any_process_at_any_moment_loses_and_doubles_nothing(
    running: tuple[RunningFederation, Layout],
    tmp_path: Path,
    record_property: Any,
) -> None:
    federation, layout = running
    chance = random.Random(SEED)
    expected = buckets()
    pusher = Pusher(layout)
    ingesting = Ingesting(layout, weather_file(tmp_path))
    stopping = asyncio.Event()
    work = [
        asyncio.create_task(pusher.push(list(expected), stopping)),
        asyncio.create_task(ingesting.feed(stopping)),
    ]
    killed: Counter[str] = Counter()
    while killed.total() < ROUNDS:
        for task in work:
            if task.done():
                # Tell at once what went wrong; the pushing may be through.
                task.result()
        await asyncio.sleep(chance.uniform(0.05, PAUSE_MAX_S))
        victim = VICTIMS[killed.total() % len(VICTIMS)]
        if kill(federation, ingesting, victim):
            killed[victim] += 1
    stopping.set()
    await asyncio.gather(*work)

    days = (LAST_DAY - FIRST_DAY).days + 1
    report = {"rounds": killed.total(), "killed": killed, "rows": len(expected)}
    for tier in (VINH, PROVINCE, NATION):
        values = await settled(layout, tier, len(expected))
        reported = {
            (value["locality"].split("@")[0], value["period"]): value["value"]
            for value in values
            if value["basis"] == "reported"
        }
        wrong = {bucket: v for bucket, v in reported.items() if float(v) != 1.0}
        lost = {(w, d.isoformat()) for w, d in expected} - set(reported)
        report[tier.id] = {"lost": len(lost), "doubled": len(wrong)}
        assert not lost, f"{tier.id} lost {sorted(lost)[:5]} of {len(lost)}"
        assert not wrong, f"{tier.id} counted {list(wrong.items())[:5]}"
        if tier is not VINH:
            totals = [
                float(value["value"])
                for value in values
                if value["basis"] == "rolled_up" and value["locality"] == "40"
            ]
            assert totals == [float(len(WARDS))] * days
    rain = await values_of(layout, NATION, "environment.rain")
    assert len(rain) == 57 * 12
    assert len({value["period"] for value in rain}) == 57 * 12
    report["mid_file"] = {"killed": ingesting.killed, "completed": ingesting.completed}
    record_property("kill_test", json.dumps(report))
    print(json.dumps(report))
    assert HOSTED.id in federation.programs
