"""The rounds of durable ingest, and the report."""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median

import asyncpg
import msgspec

from federation import identity, inbox
from federation.identity.keys import load_or_create_key
from federation.storage.embedded import EmbeddedPostgres
from federation.storage.migrations import migrate
from federation.wire.frames import SealedFrame
from tests.benchmarks.durable_ingest.checking import decoded, differences
from tests.benchmarks.durable_ingest.copying import BareCopy
from tests.benchmarks.durable_ingest.input import (
    RowTuple,
    Shape,
    digest_of,
    own_moments_frame,
    sealed_stream,
)
from tests.benchmarks.durable_ingest.relay import relay_to
from tests.benchmarks.machine import load_average, versions
from tests.benchmarks.options import Options
from tests.benchmarks.report import Aim, Checked, Figure, Growth, Report, Spread
from tests.benchmarks.rounds import interleaved, speed_ratio
from tests.benchmarks.workers import Worker

NAME = "durable-ingest"
ROUNDS = 7
GROWTH_REPEATS = 3
SHAPE = Shape()
SHORT_SHAPE = Shape(nodes=2, streams=3, frames=4, rows=100)
COPY_AIM = 1.5
WAL_AIM = 0.06
SERIES_STEP = 10_000
"""Apart in the peers' table: series of one stream and those of the next."""

_PACKAGE = "tests.benchmarks.durable_ingest"
_PARENT_APPS = (identity.APP, inbox.APP)


def tell(text: str) -> None:
    """Say on stderr how far it is."""
    print(f"{NAME}: {text}", file=sys.stderr, flush=True)


class DurableIngest:
    """Sealed input and a server; moves the input as often as asked."""

    def __init__(
        self, server: EmbeddedPostgres, folder: Path, shape: Shape, options: Options
    ) -> None:
        self._server = server
        self._folder = folder
        self._shape = shape
        self._profile = options.profile
        self._template = ""
        self._databases = 0
        self.nodes = {
            f"node-{number}": shape.streams_of(number) for number in range(shape.nodes)
        }
        self.frames: dict[str, list[SealedFrame]] = {}
        self.digests: dict[str, list[bytes]] = {}
        self.rows: list[RowTuple] = []
        self.wire_bytes = 0
        self.row_count = 0
        self.wrong: list[str] = []

    async def prepare(self) -> None:
        """Seal the frames and make the schema that every round gets a copy of."""
        tell(f"sealing {self._shape.row_count:,} rows")
        for node, streams in self.nodes.items():
            for stream in streams:
                self._seal(node, stream)
        (self._folder / "frames").write_bytes(
            msgspec.msgpack.encode(
                {
                    stream: [
                        {
                            "stream": stream,
                            "sequence": frame.sequence,
                            "head": frame.head,
                            "body": frame.body,
                            "signature": frame.signature,
                            "key_id": frame.key_id,
                        }
                        for frame in frames
                    ]
                    for stream, frames in self.frames.items()
                }
            )
        )
        self._template = "parent_template"
        await migrate(await self._server.ensure_database(self._template), _PARENT_APPS)
        # What stays for ever is no work for the collector while others are timed.
        gc.collect()
        gc.freeze()

    def _seal(self, node: str, stream: str) -> None:
        signer = load_or_create_key(self._folder / f"{node}.pem")
        self.frames[stream], self.digests[stream] = [], []
        offset = self._shape.stream_ids().index(stream) * SERIES_STEP
        for frame, rows in sealed_stream(stream, self._shape, signer):
            self.frames[stream].append(frame)
            self.digests[stream].append(digest_of(rows))
            self.rows += [(offset + row[0], *row[1:]) for row in rows]

    async def ours(self, round_number: int, *, frames: int | None = None) -> float:
        """Move the first ``frames`` of every stream to a fresh parent; check them."""
        count = frames or self._shape.frames
        sent = {stream: each[:count] for stream, each in self.frames.items()}
        async with self._database() as url:
            # Counting costs time: only in the round that is thrown away.
            took_s = await self._transfer(url, count, counted=round_number == 0)
            self.wrong += [
                f"round {round_number}: {each}" for each in await differences(url, sent)
            ]
            if round_number == 0:
                self.row_count, wrong = await decoded(url, self.digests)
                self.wrong += wrong
                if self.row_count != self._shape.row_count:
                    self.wrong.append(f"{self.row_count} rows decoded at the parent")
        return took_s

    async def _transfer(self, url: str, frames: int, *, counted: bool) -> float:
        profiles = self._profiles()
        key = str(self._folder / "parent.pem")
        async with AsyncExitStack() as stack:
            parent = await stack.enter_async_context(
                Worker(
                    f"{_PACKAGE}.parent",
                    {"database": url, "key": key, "nodes": self.nodes},
                    profile=profiles[0],
                )
            )
            said = await parent.hear()
            relay = await stack.enter_async_context(relay_to(said["port"]))
            nodes = await stack.enter_async_context(
                Worker(
                    f"{_PACKAGE}.nodes",
                    {
                        "folder": str(self._folder),
                        "frames_per_stream": frames,
                        "nodes": self.nodes,
                        "tokens": said["tokens"],
                        "port": relay.port if counted else said["port"],
                    },
                    profile=profiles[1],
                )
            )
            await nodes.hear()
            await self._checkpoint()
            before = relay.up_bytes + relay.down_bytes
            await nodes.tell({"go": True})
            took_s = float((await nodes.hear())["seconds"])
            if counted:
                self.wire_bytes = relay.up_bytes + relay.down_bytes - before
        return took_s

    def _profiles(self) -> tuple[Path | None, Path | None]:
        if self._profile is None:
            return None, None
        self._profile.mkdir(parents=True, exist_ok=True)
        number = self._databases
        return (
            self._profile / f"parent-{number}.prof",
            self._profile / f"nodes-{number}.prof",
        )

    @asynccontextmanager
    async def _database(self) -> AsyncIterator[str]:
        self._databases += 1
        name = f"parent_{self._databases}"
        yield await self._server.ensure_database(name, template=self._template)
        connection = await asyncpg.connect(self._server.admin_url())
        try:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        finally:
            await connection.close()

    async def _checkpoint(self) -> None:
        """Let every round begin with nothing left to write of the one before."""
        connection = await asyncpg.connect(self._server.admin_url())
        try:
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()

    def sealing(self, rounds: int) -> tuple[list[float], float]:
        """Return rows sealed per second, and bytes per row of the least alike rows."""
        signer = load_or_create_key(self._folder / "node-0.pem")
        stream, speeds, size_bytes = self._shape.stream_ids()[0], [], 0
        for _ in range(rounds):
            make = own_moments_frame(stream, self._shape, signer)
            began = time.perf_counter()
            size_bytes = make().size_bytes
            speeds.append(self._shape.rows / (time.perf_counter() - began))
        return speeds, size_bytes / self._shape.rows


async def run(options: Options) -> Report:
    """Measure and report."""
    shape = SHORT_SHAPE if options.short else SHAPE
    rounds = options.rounds or (1 if options.short else ROUNDS)
    with tempfile.TemporaryDirectory(prefix="ioc-bench-") as name:
        folder = Path(name)
        # The server's own unprivileged user passes through.
        folder.chmod(0o711)
        server = EmbeddedPostgres(folder / "postgres", state_folder=folder / "state")
        async with server:
            bench = DurableIngest(server, folder, shape, options)
            await bench.prepare()
            repeats = 1 if options.short else GROWTH_REPEATS
            return await _measured(bench, server, shape, rounds, repeats)


async def _measured(
    bench: DurableIngest,
    server: EmbeddedPostgres,
    shape: Shape,
    rounds: int,
    repeats: int,
) -> Report:
    settings = await _server_settings(server)
    await server.ensure_database("plain_copy")
    peers = BareCopy(server.admin_url("plain_copy"), bench.rows)
    load = load_average()
    seconds = await interleaved(
        {"ours": bench.ours, "copy": peers.copy, "copy_encoded": peers.copy_encoded},
        rounds,
        tell=tell,
    )
    growth = await _growth(bench, shape, repeats)
    wrong = bench.wrong + peers.wrong
    if settings["fsync"] != "on" or settings["synchronous_commit"] != "on":
        wrong.append("the server is not durable")
    if wrong:
        return Report(
            bench=NAME,
            rounds=rounds,
            checked=Checked(rows=bench.row_count, wrong=tuple(wrong)),
        )
    ratios = {
        peer: speed_ratio(seconds["ours"], seconds[peer])
        for peer in ("copy", "copy_encoded")
    }
    figures = _figures(bench, peers, shape, seconds)
    wire = figures["wire_bytes_per_row"].spread.median
    wal = figures["copy_wal_bytes_per_row"].spread.median
    return Report(
        bench=NAME,
        rounds=rounds,
        figures=figures,
        ratios=ratios,
        aims={
            "G1": Aim(value=ratios["copy"].median, aim=COPY_AIM),
            "G3": Aim(value=wire / wal, aim=WAL_AIM, at_most=True),
        },
        growth=growth,
        checked=Checked(rows=bench.row_count),
        load_average=load,
        versions=versions(
            "asyncpg",
            "cryptography",
            "numpy",
            "grpcio",
            "protobuf",
            "zstandard",
            postgresql=settings["server_version"],
            fsync=settings["fsync"],
        ),
    )


async def _server_settings(server: EmbeddedPostgres) -> dict[str, str]:
    connection = await asyncpg.connect(server.admin_url())
    try:
        return {
            name: await connection.fetchval(f"SHOW {name}")
            for name in ("fsync", "synchronous_commit", "server_version")
        }
    finally:
        await connection.close()


async def _growth(bench: DurableIngest, shape: Shape, repeats: int) -> Growth:
    """Return seconds over rows: a quarter, a half, and all of the frames, in turn."""
    steps = (shape.frames // 4, shape.frames // 2, shape.frames)
    seconds = await interleaved(
        {str(frames): partial(bench.ours, frames=frames) for frames in steps},
        repeats,
        tell=lambda text: tell(f"growth, frames of a stream: {text}"),
        warm_up=False,
    )
    return Growth(
        sizes=tuple(float(shape.streams * frames * shape.rows) for frames in steps),
        values=tuple(median(seconds[str(frames)]) for frames in steps),
    )


def _figures(
    bench: DurableIngest, peers: BareCopy, shape: Shape, seconds: dict[str, list[float]]
) -> dict[str, Figure]:
    figures = {
        f"{name}_rows_per_s": Figure(
            spread=Spread.of([shape.row_count / each for each in took]), unit="rows/s"
        )
        for name, took in seconds.items()
    }
    sealing, own_moments = bench.sealing(ROUNDS)
    figures["seal_rows_per_s"] = Figure(spread=Spread.of(sealing), unit="rows/s")
    frame_bytes = sum(
        frame.size_bytes for frames in bench.frames.values() for frame in frames
    )
    per_row = partial(Figure, unit="bytes/row")
    rows = shape.row_count
    figures["wire_bytes_per_row"] = per_row(spread=Spread.of([bench.wire_bytes / rows]))
    figures["frame_bytes_per_row"] = per_row(spread=Spread.of([frame_bytes / rows]))
    figures["frame_bytes_per_row_own_moments"] = per_row(
        spread=Spread.of([own_moments])
    )
    figures["copy_wal_bytes_per_row"] = per_row(
        spread=Spread.of([wal / rows for wal in peers.wal_bytes])
    )
    return figures
