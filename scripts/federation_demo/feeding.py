"""Input for the nodes: the real files, and generated figures beside them."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from scripts.federation_demo.layout import HOSTED, VINH, Layout, TierPlan
from scripts.federation_demo.programs import Tell
from scripts.federation_demo.reading import TierReader

SIMULATED_SEED = 40
# Subsystems that generate figures; of the others the real files are all there is.
GENERATED = ("socio_economic", "environment", "citizen_feedback")
# Reports are one by one and give many figures a day: a quarter of a year of them.
REPORTED_DAYS_MAX = 92
UPLOAD_TIMEOUT_S = 120.0
# Which node takes which files of the data folder, for which of its subsystems.
FEEDS = (
    (HOSTED, "socio_economic", "statistics_monthly/*.xlsx"),
    (HOSTED, "socio_economic", "statistics_monthly/*.csv"),
    (HOSTED, "socio_economic", "statistics_annual/poverty*.csv"),
    (HOSTED, "health", "statistics_annual/*beds*.csv"),
    (HOSTED, "education", "statistics_annual/pupils*.csv"),
    (HOSTED, "education", "statistics_annual/graduates*.csv"),
    (HOSTED, "tourism", "statistics_annual/travel*.csv"),
    (HOSTED, "environment", "statistics_annual/*waste*.csv"),
    (HOSTED, "environment", "air_traffic/*daily_by_ward*.csv"),
    (VINH, "environment", "weather/*.csv"),
    (VINH, "environment", "air_traffic/*station*.csv"),
    (VINH, "environment", "air_traffic/*daily_by_ward*.csv"),
)
# Answers of another city: only their form is ours. They are of 2014 and 2015, so they
# stand for Vinh as it was then.
FORM_FEEDS = ((VINH, "citizen_feedback", "open311/*.json", "412"),)


class FeedingError(Exception):
    """An input could not be fed; the text is what the command said."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One file for one subsystem of one node.

    ``stand_in``: the file only has the form; what it says becomes figures of this
    place, marked simulated.
    """

    node: TierPlan
    subsystem: str
    path: Path
    stand_in: str = ""


def form_feeds(data: Path) -> list[Feed]:
    """Return the files below a data folder of which only the form is ours."""
    return [
        Feed(node=node, subsystem=subsystem, path=path, stand_in=place)
        for node, subsystem, pattern, place in FORM_FEEDS
        for path in sorted(data.glob(pattern))
    ]


def real_feeds(data: Path) -> list[Feed]:
    """Return the files below a data folder that the demo's nodes take."""
    feeds = [
        Feed(node=node, subsystem=subsystem, path=path)
        for node, subsystem, pattern in FEEDS
        for path in sorted(data.glob(pattern))
    ]
    if not feeds:
        raise FeedingError(f"{data}: không có tệp nào nhận được / no file to feed")
    return feeds


class Feeder:
    """Feeds what was not fed before, and says what came of it."""

    def __init__(self, layout: Layout, tell: Tell) -> None:
        """Remember what was fed in the workspace."""
        self._layout = layout
        self._tell = tell
        self._memory = layout.options.workspace / "fed.json"
        self._fed: dict[str, str] = (
            json.loads(self._memory.read_text(encoding="utf-8"))
            if self._memory.is_file()
            else {}
        )

    async def feed_files(self, feeds: Sequence[Feed]) -> None:
        """Feed files that are new or changed since they were fed last.

        Each node takes its files in order; the nodes do so side by side.
        """
        nodes = {feed.node.id: feed.node for feed in feeds}.values()
        await asyncio.gather(
            *(
                self._feed_node([feed for feed in feeds if feed.node is node])
                for node in nodes
            )
        )

    async def _feed_node(self, feeds: Sequence[Feed]) -> None:
        """Upload the files of one node; it is running, so no program is started."""
        async with TierReader(self._layout.address(feeds[0].node)) as reader:
            for feed in feeds:
                name = f"{feed.node.id}/{feed.subsystem}/{feed.path.name}"
                content = feed.path.read_bytes()
                digest = hashlib.sha256(content).hexdigest()
                if self._fed.get(name) == digest:
                    continue
                report = await _uploaded(reader, feed, content)
                self._remember(name, digest)
                self._tell(f"  {name}: {_summary(report)}")

    async def simulate(self, now: datetime) -> None:
        """Generate figures from the last generated day to ``now``."""
        last = self._fed.get("simulated-through")
        days = timedelta(days=self._layout.options.simulated_days)
        first = date.fromisoformat(last) if last else now.date() - days
        await asyncio.gather(
            *(self._simulate_node(node, first, now) for node in (VINH, HOSTED))
        )
        self._remember("simulated-through", now.date().isoformat())

    async def _simulate_node(self, node: TierPlan, first: date, now: datetime) -> None:
        for subsystem in node.subsystems:
            if subsystem not in GENERATED:
                continue
            begin = first
            if subsystem == "citizen_feedback":
                begin = max(first, now.date() - timedelta(days=REPORTED_DAYS_MAX))
            report = await self._run(
                node,
                "simulate",
                subsystem,
                "--from",
                begin.isoformat(),
                "--to",
                now.date().isoformat(),
                "--seed",
                str(SIMULATED_SEED),
                "--json",
            )
            if report["landed"]:
                self._tell(
                    f"  mô phỏng / simulated {node.id}/{subsystem}: {_summary(report)}"
                )

    async def keep_simulating(self, interval_s: float) -> None:
        """Generate each new day as it comes; runs until cancelled."""
        while True:
            await asyncio.sleep(interval_s)
            await self.simulate(datetime.now(UTC))

    def _remember(self, name: str, value: str) -> None:
        self._fed[name] = value
        fresh = self._memory.with_suffix(".new")
        fresh.write_text(json.dumps(self._fed, indent=1), encoding="utf-8")
        fresh.replace(self._memory)

    async def _run(self, node: TierPlan, *arguments: str) -> dict[str, Any]:
        command = self._layout.command(node, *arguments)
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        if process.returncode != 0:
            raise FeedingError(
                f"{' '.join(arguments)}: {errors.decode(errors='replace').strip()}"
            )
        report: dict[str, Any] = json.loads(output)
        return report


async def _uploaded(reader: TierReader, feed: Feed, content: bytes) -> dict[str, Any]:
    form = {"simulated": True, "locality": feed.stand_in} if feed.stand_in else None
    answer = await reader.client.post(
        f"/files/{feed.subsystem}",
        params=form,
        files={"file": (feed.path.name, content)},
        timeout=UPLOAD_TIMEOUT_S,
    )
    if not answer.is_success:
        raise FeedingError(f"{feed.path}: {answer.text}")
    report: dict[str, Any] = answer.json()
    return report


def _summary(report: dict[str, Any]) -> str:
    skipped = sum(item["count"] for item in report["skipped"])
    return (
        f"nhận/landed {report['landed']}, đổi/changed {report['changed']}, "
        f"như cũ/unchanged {report['unchanged']}, "
        f"nghi vấn/flagged {report['flagged_count']}, bỏ qua/skipped {skipped}, "
        f"từ chối/rejected {report['rejected_count']}, "
        f"ô chưa dùng/cells not used {report['not_used_count']}"
    )
