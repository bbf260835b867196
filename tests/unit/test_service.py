"""What a service promises of its tasks."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from structlog.testing import capture_logs

from federation.errors import ErrorCode, FederationError
from federation.observability.metrics import Metrics
from federation.service import RestartPolicy, Service

QUICK = RestartPolicy(pause_s=0.005, pause_max_s=0.02, steady_after_s=1.0)


def away() -> FederationError:
    return FederationError(ErrorCode.UNAVAILABLE, "vắng", "away")


async def test_retriable_failure_restarts_and_is_told_once() -> None:
    metrics = Metrics()
    calls: list[int] = []
    steady = asyncio.Event()

    async def work() -> None:
        calls.append(1)
        if len(calls) < 4:
            raise away()
        steady.set()
        await asyncio.Event().wait()

    with capture_logs() as lines:
        async with Service("sample", metrics=metrics) as service:
            service.run("work", work, policy=QUICK)
            await steady.wait()
            assert "away" in str(await service.check())
            async with asyncio.timeout(5):
                while await service.check():
                    await asyncio.sleep(0.002)
    events = [line["event"] for line in lines]
    assert events == ["task_failed", "task_returned"]
    assert b'ioc_task_failures_total{task="work"} 3.0' in metrics.render()


async def test_fault_of_the_program_stops_the_service_and_is_raised() -> None:
    ended = asyncio.Event()

    async def steady() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def broken() -> None:
        raise ZeroDivisionError

    service = Service("sample")
    service.run("steady", steady)
    service.run("broken", broken)
    with capture_logs(), pytest.raises(ZeroDivisionError):
        await service.serve()
    assert ended.is_set()


async def test_permanent_error_is_not_retried() -> None:
    calls = 0

    async def refused() -> None:
        nonlocal calls
        calls += 1
        raise FederationError(ErrorCode.CONFIGURATION, "sai", "wrong")

    service = Service("sample")
    service.run("refused", refused, policy=QUICK)
    with capture_logs(), pytest.raises(FederationError, match="wrong"):
        await service.serve()
    assert calls == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signal_stops_in_order_last_started_first(number: signal.Signals) -> None:
    order: list[str] = []
    service = Service("sample")
    begun = asyncio.Semaphore(0)

    def worker(name: str):
        async def work() -> None:
            begun.release()
            try:
                await asyncio.Event().wait()
            finally:
                order.append(name)

        return work

    for name in ("first", "second"):
        service.run(name, worker(name))
    serving = asyncio.create_task(service.serve())
    await begun.acquire()
    await begun.acquire()
    os.kill(os.getpid(), number)
    with capture_logs():
        await serving
    assert order == ["second", "first"]


async def test_finished_task_is_no_failure() -> None:
    async def once() -> None:
        return

    async with Service("sample") as service:
        service.run("once", once)
        await asyncio.sleep(0)
        assert await service.check() is None
