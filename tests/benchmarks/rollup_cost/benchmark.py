"""The rounds of rollup cost, and the report."""

from __future__ import annotations

import cProfile
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from statistics import median

import asyncpg

from federation.storage.embedded import EmbeddedPostgres
from federation.storage.migrations import migrate
from federation.storage.pool import PoolLimits, open_pool
from tests.benchmarks.machine import load_average, versions
from tests.benchmarks.options import Options
from tests.benchmarks.report import Aim, Checked, Figure, Growth, Report, Spread
from tests.benchmarks.rollup_cost.stored import APPS, Shape, StoredTier

NAME = "rollup-cost"
ROUNDS = 9
SIZES = (100_000, 1_000_000, 5_000_000)
CHANGES = 100
"""Changed values of a round at each size; the round's figure is their median."""

SHORT_SHAPE = Shape(communes=8, indicators=2, area=3)
SHORT_SIZES = (100, 400, 1_600)
SHORT_CHANGES = 4
FLAT_AIM = 1.25
"""A change with the most history costs at most so many times that with the least."""

_LIMITS = PoolLimits(connections_max=2, statement_timeout_s=900, command_timeout_s=900)


def tell(text: str) -> None:
    """Say on stderr how far it is."""
    print(f"{NAME}: {text}", file=sys.stderr, flush=True)


async def run(options: Options) -> Report:
    """Fill three tiers, change values in turn, check every total that was made."""
    shape = SHORT_SHAPE if options.short else Shape()
    sizes = SHORT_SIZES if options.short else SIZES
    changes = SHORT_CHANGES if options.short else CHANGES
    rounds = options.rounds or (2 if options.short else ROUNDS)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ioc-")))
        folder.chmod(0o711)
        server = await stack.enter_async_context(
            EmbeddedPostgres(folder / "postgres", state_folder=folder / "state")
        )
        tiers: dict[str, StoredTier] = {}
        for size in sizes:
            tell(f"filling {size:,} values")
            url = await server.ensure_database(f"tier_{size}")
            await migrate(url, APPS)
            pool = await open_pool(url, name=NAME, limits=_LIMITS)
            stack.push_async_callback(pool.close)
            days = max(1, size // shape.values_per_day)
            tiers[f"{size:,} values"] = await StoredTier(pool, shape, days).fill()
        # What filling left to write must not disturb the rounds.
        await _checkpoint(server)
        load = load_average()
        seconds = await _rounds(tiers, rounds, changes, options.profile)
        wrong = [
            f"{name}: {each}"
            for name, tier in tiers.items()
            for each in await tier.differences()
        ]
        settings = await pool.fetchrow(
            "SELECT current_setting('fsync') AS fsync, "
            "current_setting('server_version') AS postgresql"
        )
        return _report(tiers, seconds, wrong, load, dict(settings or {}))


async def _checkpoint(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.admin_url())
    try:
        await connection.execute("CHECKPOINT", timeout=900)
    finally:
        await connection.close()


async def _rounds(
    tiers: dict[str, StoredTier], rounds: int, changes: int, profile: Path | None
) -> dict[str, list[float]]:
    """Return the seconds of a change, the median of each round, by tier.

    The tiers take turns at every change, so that a burst of other work on the machine
    falls on all of them. The first round is thrown away.
    """
    seconds: dict[str, list[float]] = {name: [] for name in tiers}
    for number in range(rounds + 1):
        chances = {name: random.Random(number) for name in tiers}
        took: dict[str, list[float]] = {name: [] for name in tiers}
        with _profiled(profile, number):
            for change in range(changes):
                names = list(tiers)
                first = change % len(names)
                for name in names[first:] + names[:first]:
                    began = time.perf_counter()
                    await tiers[name].change(chances[name])
                    took[name].append(time.perf_counter() - began)
        medians = {name: median(each) for name, each in took.items()}
        said = ", ".join(f"{name} {one * 1000:.1f} ms" for name, one in medians.items())
        tell(f"round {number} of {rounds}: {said}")
        if number:
            for name, one in medians.items():
                seconds[name].append(one)
    return seconds


@contextmanager
def _profiled(folder: Path | None, number: int) -> Iterator[None]:
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with cProfile.Profile() as profiler:
        yield
    profiler.dump_stats(folder / f"round-{number}.prof")


def _report(
    tiers: dict[str, StoredTier],
    seconds: dict[str, list[float]],
    wrong: list[str],
    load: tuple[float, float, float],
    server: dict[str, str],
) -> Report:
    names = list(tiers)
    ratio = Spread.of(
        [
            most / least
            for least, most in zip(seconds[names[0]], seconds[names[-1]], strict=True)
        ]
    )
    return Report(
        bench=NAME,
        rounds=len(seconds[names[0]]),
        figures={
            name: Figure(
                spread=Spread.of([took * 1000 for took in seconds[name]]),
                unit="ms per changed value, applied and rolled up",
            )
            for name in names
        },
        ratios={"most stored / least stored": ratio},
        aims={"flat": Aim(value=ratio.median, aim=FLAT_AIM, at_most=True)},
        growth=Growth(
            sizes=tuple(float(tier.row_count) for tier in tiers.values()),
            values=tuple(median(seconds[name]) for name in names),
        ),
        checked=Checked(
            rows=sum(len(tier.changed) for tier in tiers.values()), wrong=tuple(wrong)
        ),
        load_average=load,
        versions=versions("asyncpg", **server),
    )
