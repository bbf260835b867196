"""The metrics of the streams to the parent, and of readiness, keep up by themselves."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from federation.api.measuring import keep_measuring
from federation.api.requests import Parts
from federation.api.schemas import LinkOut
from federation.clock import SystemClock
from federation.observability.metrics import Metrics
from federation.observability.probes import Probes


def link(
    stream: str, state: Literal["connected", "connecting", "refused"], pending: int
) -> LinkOut:
    return LinkOut(
        stream=stream,
        parent="nghe-an",
        state=state,
        epoch=1,
        sealed=1,
        acknowledged=1,
        pending_rows=pending,
        last_acknowledged_at=None,
        last_error=None,
    )


@dataclass
class Tier:
    """What ``keep_measuring`` uses of an application's parts."""

    found: list[LinkOut]
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        self.probes = Probes(metrics=self.metrics)
        self.probes.add_ready("database", self._away)

        self.clock = SystemClock()
        self.obligations = self

    async def knowledge(self) -> None:
        return None

    async def silent_counts(self, _knowledge: None) -> dict[str, int]:
        return {"environment": 3}

    async def _away(self) -> str:
        return "away"

    async def links(self) -> list[LinkOut]:
        return self.found

    async def measured(self) -> str:
        done = asyncio.Event()

        async def once() -> None:
            done.set()

        parts = cast(Parts, cast(Any, self))
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(keep_measuring(parts, also=[once]))
            await done.wait()
            task.cancel()
        return self.metrics.render().decode()


async def test_every_stream_shows_its_link_and_its_backlog() -> None:
    tier = Tier([link("vinh", "connected", 7), link("17443", "refused", 0)])
    shown = await tier.measured()
    for line in (
        'ioc_outbox_pending_rows{stream="vinh"} 7.0',
        'ioc_link_connected{stream="vinh"} 1.0',
        'ioc_link_refused{stream="vinh"} 0.0',
        'ioc_link_connected{stream="17443"} 0.0',
        'ioc_link_refused{stream="17443"} 1.0',
    ):
        assert line in shown


async def test_a_failing_check_shows_without_anybody_asking() -> None:
    assert 'ioc_probe_ok{check="database"} 0.0' in await Tier([]).measured()


async def test_a_stream_of_another_node_is_not_shown_any_more() -> None:
    tier = Tier([link("vinh", "connecting", 1)])
    await tier.measured()
    tier.found = []
    assert 'stream="vinh"' not in await tier.measured()


async def test_silence_is_counted_by_subsystem() -> None:
    shown = await Tier([]).measured()
    assert 'ioc_silent_obligations{subsystem="environment"} 3.0' in shown
