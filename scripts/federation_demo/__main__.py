"""Start, feed, compare, stop."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from federation.errors import FederationError
from federation.storage.embedded import EmbeddedPostgres
from scripts.federation_demo.comparison import (
    Chain,
    Comparison,
    compare_until_equal,
    print_tables,
)
from scripts.federation_demo.feeding import Feeder, FeedingError, real_feeds
from scripts.federation_demo.layout import (
    CHECKOUT,
    HOSTED,
    NATION,
    PORT_COUNT,
    PROVINCE,
    TIERS,
    VINH,
    Layout,
    TierPlan,
)
from scripts.federation_demo.options import Options, parse
from scripts.federation_demo.programs import Program, ProgramFailedError, Tell

SIMULATION_INTERVAL_S = 600.0
DIFFERENCES_SHOWN_MAX = 40
INTERRUPTED = 130


class Demo:
    """One running federation; everything it started ends with it."""

    def __init__(self, options: Options) -> None:
        """Plan; nothing is started before ``run``."""
        self._options = options
        self._layout = Layout(options)
        self._tell = Tell()
        self._postgres = EmbeddedPostgres(
            options.workspace / "postgres", port=self._layout.postgres_port
        )
        self._programs: list[Program] = []
        self._watchers: list[asyncio.Task[None]] = []
        self._started = time.monotonic()
        self._serving = False

    async def run(self, stopping: asyncio.Event) -> int:
        """Run until the comparison is done or somebody stops it."""
        work = asyncio.ensure_future(self._work())
        wish = asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait({work, wish}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            self._tell("\nĐang dừng… / stopping…")
            return 0 if self._serving else INTERRUPTED
        finally:
            for task in (work, wish):
                task.cancel()
            await asyncio.gather(work, wish, return_exceptions=True)
            await self._stop()

    async def _work(self) -> int:
        await self._start()
        if self._options.check:
            return await self._check()
        self._print_addresses()
        self._serving = True
        return await asyncio.get_running_loop().create_future()

    async def _start(self) -> None:
        fresh = not (self._options.workspace / "fed.json").is_file()
        self._require_free_ports()
        self._step(1, "PostgreSQL")
        await self._postgres.start()
        url_files = {}
        for tier in TIERS:
            await self._postgres.ensure_database(tier.database)
            url_files[tier.id] = self._postgres.url_file(tier.database)
        self._watch("postgres", self._postgres.watch())
        self._layout.write_settings(url_files)
        self._step(2, "Quốc gia và tỉnh / nation and province")
        await self._start_hub(NATION)
        await self._admit(PROVINCE, NATION)
        await self._start_hub(PROVINCE)
        self._step(3, "Nút Vinh và nút do tỉnh vận hành / the nodes")
        for node in (VINH, HOSTED):
            await self._admit(node, PROVINCE)
        await self._launch([self._layout.program(node) for node in (VINH, HOSTED)])
        self._step(4, "Trang điều hành / pages")
        await self._launch([self._layout.page_program(t) for t in TIERS if t.page])
        await self._feed(fresh=fresh)

    async def _start_hub(self, tier: TierPlan) -> None:
        await self._launch([self._layout.program(tier)])

    async def _launch(self, programs: list[Program]) -> None:
        for program in programs:
            self._programs.append(program)
            await program.start()
        for program in programs:
            await program.ready()
            self._watch(program.name, program.watch(self._tell))

    async def _admit(self, child: TierPlan, parent: TierPlan) -> None:
        """Have the parent write a join token, unless the child has had one."""
        token = self._layout.token_file(child)
        if token.is_file():
            return
        arguments = ["token", "create", "--node", child.id, "--out", str(token)]
        for area in child.areas:
            arguments += ["--area", area.argument]
        command = self._layout.command(parent, *arguments)
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise ProgramFailedError(output.decode(errors="replace"))

    async def _feed(self, *, fresh: bool) -> None:
        feeder = Feeder(self._layout, self._tell)
        self._step(5, "Số liệu đầu vào / input")
        if self._options.data is not None:
            await feeder.feed_files(real_feeds(self._options.data))
        if self._options.simulated:
            if fresh or self._options.check:
                await feeder.simulate(datetime.now(UTC))
            self._watch("simulation", feeder.keep_simulating(SIMULATION_INTERVAL_S))

    def _watch(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._watchers.append(asyncio.create_task(work, name=name))

    def _require_free_ports(self) -> None:
        for port in self._layout.ports:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError as error:
                    raise ProgramFailedError(
                        f"Cổng {port} đang bận: dừng chương trình đang giữ nó hoặc "
                        f"chọn --port-base khác. / Port {port} is in use: stop what "
                        "holds it or choose another --port-base "
                        f"(the demo uses {PORT_COUNT} ports from there)."
                    ) from error

    def _step(self, number: int, what: str) -> None:
        elapsed = time.monotonic() - self._started
        self._tell(f"[{elapsed:5.1f} s] {number}/5 {what}")

    def _print_addresses(self) -> None:
        elapsed = time.monotonic() - self._started
        lines = [f"\nSẵn sàng sau / ready after {elapsed:.1f} s"]
        for tier in TIERS:
            address = self._layout.address(tier)
            page = self._layout.page_url(tier) if tier.page else "–"
            lines += [
                f"\n{tier.name_vi} / {tier.name_en}",
                f"  trang / page   {page}",
                f"  REST           {address.api_url}/schema",
                f"  đăng nhập / log-in   {address.username}  {address.password}",
            ]
        lines.append("\nCtrl-C để dừng / to stop")
        self._tell("\n".join(lines))

    async def _check(self) -> int:
        self._tell("So sánh các cấp… / comparing the tiers…")
        chain = Chain(
            top=self._layout.address(NATION),
            middle=self._layout.address(PROVINCE),
            nodes=[self._layout.address(VINH), self._layout.address(HOSTED)],
        )
        comparison = await compare_until_equal(chain, self._options.check_timeout_s)
        console = Console(width=None if sys.stdout.isatty() else 200)
        print_tables(comparison, ("node", PROVINCE.id, NATION.id), console)
        return self._verdict(comparison)

    def _verdict(self, comparison: Comparison) -> int:
        elapsed = time.monotonic() - self._started
        if comparison.agreed:
            self._tell(
                f"Các cấp khớp nhau: {comparison.compared} giá trị đã so. / The tiers "
                f"agree: {comparison.compared} values compared, {elapsed:.1f} s."
            )
            return 0
        for difference in comparison.differences[:DIFFERENCES_SHOWN_MAX]:
            self._tell(f"KHÁC / DIFFERS {difference}")
        self._tell(
            f"{len(comparison.differences)} khác biệt trên / differences of "
            f"{comparison.compared} giá trị / values after {elapsed:.1f} s"
        )
        return 1

    async def _stop(self) -> None:
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        for program in reversed(self._programs):
            await program.stop()
        await self._postgres.stop()


async def main() -> int:
    """Run the demo; return the exit code."""
    options = parse(sys.argv[1:], CHECKOUT)
    options.workspace.mkdir(parents=True, exist_ok=True, mode=0o700)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    try:
        return await Demo(options).run(stopping)
    except (ProgramFailedError, FeedingError, FederationError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(asyncio.run(main()))
