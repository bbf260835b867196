"""Start, feed, compare, stop."""

import asyncio
import signal
import sys
import time
from datetime import UTC, datetime

from rich.console import Console

from federation.errors import FederationError
from scripts.federation_demo.comparison import (
    Chain,
    Comparison,
    compare_until_equal,
    print_tables,
)
from scripts.federation_demo.feeding import (
    Feeder,
    FeedingError,
    form_feeds,
    real_feeds,
)
from scripts.federation_demo.layout import (
    CHECKOUT,
    HOSTED,
    NATION,
    PROVINCE,
    TIERS,
    VINH,
    Layout,
)
from scripts.federation_demo.options import Options, parse
from scripts.federation_demo.programs import ProgramFailedError, Tell
from scripts.federation_demo.running import RunningFederation

SIMULATION_INTERVAL_S = 600.0
DIFFERENCES_SHOWN_MAX = 40
INTERRUPTED = 130


class Demo:
    """One demonstration; everything it started ends with it."""

    def __init__(self, options: Options) -> None:
        """Plan; nothing is started before ``run``."""
        self._options = options
        self._layout = Layout(options)
        self._tell = Tell()
        self._federation = RunningFederation(self._layout, self._tell)
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
            await self._federation.stop()

    async def _work(self) -> int:
        await self._start()
        if self._options.check:
            return await self._check()
        self._print_addresses()
        self._serving = True
        await asyncio.Event().wait()
        return 0

    async def _start(self) -> None:
        fresh = not (self._options.workspace / "fed.json").is_file()
        await self._federation.start(self._step)
        await self._feed(fresh=fresh)

    async def _feed(self, *, fresh: bool) -> None:
        feeder = Feeder(self._layout, self._tell)
        self._step("Số liệu đầu vào / input")
        if self._options.data is not None:
            feeds = real_feeds(self._options.data)
            if self._options.simulated:
                feeds += form_feeds(self._options.data)
            await feeder.feed_files(feeds)
        if self._options.simulated:
            if fresh or self._options.check:
                await feeder.simulate(datetime.now(UTC))
            self._federation.watch(
                "simulation", feeder.keep_simulating(SIMULATION_INTERVAL_S)
            )

    def _step(self, what: str) -> None:
        elapsed = time.monotonic() - self._started
        self._tell(f"[{elapsed:5.1f} s] {what}")

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


async def main() -> int:
    """Run the demo; return the exit code."""
    options = parse(sys.argv[1:], CHECKOUT)
    # An unprivileged user must pass through to PostgreSQL's data, and read nothing.
    options.workspace.mkdir(parents=True, exist_ok=True, mode=0o711)
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
    sys.exit(asyncio.run(main()))
