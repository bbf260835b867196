"""What the probes promise."""

from __future__ import annotations

import asyncio

from federation.errors import ErrorCode, FederationError
from federation.observability.metrics import Metrics
from federation.observability.probes import Probes


async def fine() -> None:
    return None


async def test_no_checks_means_ready() -> None:
    assert (await Probes().readiness()).ok


async def test_each_failing_check_says_why_and_none_hides_another() -> None:
    async def says_why() -> str:
        return "12 frames behind"

    async def raises() -> None:
        raise FederationError(ErrorCode.UNAVAILABLE, "vắng", "away")

    async def hangs() -> None:
        await asyncio.Event().wait()

    metrics = Metrics()
    probes = Probes(metrics=metrics, timeout_s=0.02)
    checks = {"fine": fine, "behind": says_why, "away": raises, "hangs": hangs}
    for name, check in checks.items():
        probes.add_ready(name, check)
    report = await probes.readiness()
    assert not report.ok
    why = {check.name: check.why for check in report.checks}
    assert why["fine"] is None
    assert why["behind"] == "12 frames behind"
    assert "away" in str(why["away"])
    assert why["hangs"] == "no answer within 0.02 s"
    assert b'ioc_probe_ok{check="fine"} 1.0' in metrics.render()
    assert b'ioc_probe_ok{check="hangs"} 0.0' in metrics.render()


async def test_not_ready_is_still_alive() -> None:
    async def away() -> str:
        return "away"

    probes = Probes()
    probes.add_ready("database", away)
    probes.add_live("loop", fine)
    assert (await probes.liveness()).ok
    assert not (await probes.readiness()).ok
