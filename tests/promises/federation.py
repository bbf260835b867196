"""A whole federation of real processes, and what a test asks of it.

Values are awaited, because tiers learn from each other: ``arrives`` returns a value as
soon as a tier has it, and fails with the logs when it does not come.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from scripts.federation_demo.layout import (
    NATION,
    PORT_COUNT,
    PROVINCE,
    TIERS,
    Layout,
    TierPlan,
)
from scripts.federation_demo.options import Options
from scripts.federation_demo.programs import Program, Tell
from scripts.federation_demo.reading import TierReader
from scripts.federation_demo.running import RunningFederation

PATIENCE_S = 60.0
POLL_S = 0.1
LOG_TAIL_LINES = 12
# Programs of a test itself listen here; the demo's own are below position 4.
EXTRA_POSITION = 4
EXTRA_PORT_OFFSET = 3
# What a parent tells without being asked, it tells once in an interval.
HUB_ENVIRONMENT = {"IOC_UPLINKS__HEARTBEAT_INTERVAL_S": "2"}
FIRST_PORT, LAST_PORT = 21_000, 32_500

Value = dict[str, Any]
Result = TypeVar("Result")


@contextlib.contextmanager
def claimed_ports() -> Iterator[int]:
    """Give the first of a run of free ports, which no other test run takes meanwhile.

    Whoever holds the run's last port has all of it. They are below those that the
    kernel gives to clients.
    """
    base, claim = _claim()
    with claim:
        yield base


def _claim() -> tuple[int, socket.socket]:
    for base in range(FIRST_PORT, LAST_PORT, PORT_COUNT):
        claim = socket.socket()
        try:
            claim.bind(("127.0.0.1", base + PORT_COUNT - 1))
            with contextlib.ExitStack() as stack:
                for offset in (*range(14), 20, 22, 30, 32, 45):
                    probe = stack.enter_context(socket.socket())
                    probe.bind(("127.0.0.1", base + offset))
        except OSError:
            claim.close()
        else:
            return base, claim
    raise AssertionError("no free ports")


class Silent(Tell):
    """Keeps what the federation says, for the message of a failure."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, line: str) -> None:
        self.lines.append(line)


class PromiseLayout(Layout):
    """The demo's layout, with room for programs of a test."""

    def api_port(self, tier: TierPlan) -> int:
        if tier.position < EXTRA_POSITION:
            return super().api_port(tier)
        offset = EXTRA_PORT_OFFSET + tier.position - EXTRA_POSITION
        return self.options.port_base + offset

    def program(self, tier: TierPlan) -> Program:
        program = super().program(tier)
        hub = tier.command == "province-hub"
        return dataclasses.replace(program, environment=HUB_ENVIRONMENT if hub else {})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ran:
    """What a command came to."""

    code: int
    output: str
    errors: str

    @property
    def report(self) -> dict[str, Any]:
        """Return what it printed as JSON."""
        assert self.output, self.errors
        report: dict[str, Any] = json.loads(self.output)
        return report


class Federation:
    """Running tiers, asked by their REST interface and command lines."""

    def __init__(self, layout: Layout, processes: RunningFederation) -> None:
        self.layout = layout
        self.processes = processes
        self._readers: dict[str, TierReader] = {}
        self._stack = AsyncExitStack()

    @classmethod
    @asynccontextmanager
    async def running(
        cls, workspace: Path, *, data: Path | None = None
    ) -> AsyncIterator["Federation"]:
        """Start nation, province and both nodes, without pages; stop all at the end."""
        workspace.mkdir(parents=True, mode=0o711)
        with claimed_ports() as port_base:
            options = Options(
                data=data,
                simulated=False,
                check=False,
                workspace=workspace,
                port_base=port_base,
                check_timeout_s=PATIENCE_S,
            )
            layout = PromiseLayout(options)
            processes = RunningFederation(layout, Silent())
            federation = cls(layout, processes)
            try:
                await processes.start(lambda _: None, pages=False)
                yield federation
            finally:
                await federation._stack.aclose()
                await processes.stop()

    async def start_node(
        self, node: TierPlan, *, environment: Mapping[str, str] | None = None
    ) -> None:
        """Start a node of a test, or start it again with other settings."""
        postgres = self.processes.postgres
        await postgres.ensure_database(node.database)
        self.layout.write_tier_settings(node, postgres.url_file(node.database))
        await self.stop_node(node)
        program = dataclasses.replace(
            self.layout.program(node), environment=dict(environment or {})
        )
        self.processes.programs[node.id] = program
        await program.start()
        await program.ready()

    async def stop_node(self, node: TierPlan) -> None:
        """Stop a node of a test; its sessions end with it."""
        self._readers.pop(node.id, None)
        if node.id in self.processes.programs:
            await self.processes.programs.pop(node.id).stop()

    async def admit(self, node: TierPlan, parent: TierPlan = PROVINCE) -> None:
        """Have the parent write a join token where the node looks for it."""
        arguments = ["--node", node.id, "--out", str(self.layout.token_file(node))]
        for area in node.areas:
            arguments += ["--area", area.argument]
        self.layout.folder(node).mkdir(parents=True, exist_ok=True, mode=0o700)
        ran = await self.command(parent, "token", "create", *arguments)
        assert ran.code == 0, ran.errors

    async def command(
        self,
        tier: TierPlan,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run a command of a tier's program with its settings."""
        process = await asyncio.create_subprocess_exec(
            *self.layout.command(tier, *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **(environment or {})},
        )
        output, errors = await process.communicate()
        return Ran(
            code=process.returncode or 0,
            output=output.decode(),
            errors=errors.decode(),
        )

    async def ingest(
        self, node: TierPlan, subsystem: str, path: Path, *options: str
    ) -> Ran:
        """Feed a file through the command line."""
        return await self.command(
            node, "ingest", subsystem, str(path), "--json", *options
        )

    async def client(self, tier: TierPlan) -> httpx.AsyncClient:
        """Return a client that is logged in at a tier."""
        if tier.id not in self._readers:
            reader = TierReader(self.layout.address(tier))
            self._readers[tier.id] = await reader.__aenter__()
            self._stack.push_async_callback(reader.client.aclose)
        return self._readers[tier.id].client

    async def ask(self, tier: TierPlan, path: str, **parameters: Any) -> httpx.Response:
        """Return a tier's answer, whatever it is."""
        return await (await self.client(tier)).get(path, params=parameters)

    async def read(self, tier: TierPlan, path: str, **parameters: Any) -> Any:
        """Return the body of a read that must succeed."""
        answer = await self.ask(tier, path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def push(
        self, node: TierPlan, subsystem: str, *records: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Push records that must all land; return the answer."""
        client = await self.client(node)
        answer = await client.post(
            f"/records/{subsystem}/bulk", json={"records": list(records)}
        )
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def values(
        self, tier: TierPlan, indicator: str, **filters: Any
    ) -> list[Value]:
        """Return all values of an indicator; empty where it is not known yet."""
        await self.client(tier)
        try:
            return await self._readers[tier.id].values(indicator, **filters)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != httpx.codes.NOT_FOUND:
                raise
            return []

    async def value(
        self,
        tier: TierPlan,
        indicator: str,
        locality: str,
        period: str,
        **filters: Any,
    ) -> Value | None:
        """Return the one value of a series in a period, None where there is none.

        Without filters it is the reported and undivided series.
        """
        chosen = {"basis": "reported", "breakdown": ""} | filters
        found = await self.values(
            tier,
            indicator,
            locality=locality,
            **{"from": period, "to": period},
            **chosen,
        )
        assert len(found) <= 1, found
        return found[0] if found else None

    async def arrives(
        self,
        tier: TierPlan,
        indicator: str,
        locality: str,
        period: str,
        *,
        until: Callable[[Value], bool] = lambda _: True,
        **filters: Any,
    ) -> Value:
        """Return a value once a tier has it as ``until`` wants it."""
        seen: list[Value | None] = [None]

        async def check() -> Value | None:
            seen[0] = await self.value(tier, indicator, locality, period, **filters)
            return seen[0] if seen[0] is not None and until(seen[0]) else None

        return await self.until(
            check,
            lambda: f"{tier.id}: {indicator} {locality} {period}: {seen[0]}",
        )

    async def until(
        self,
        check: Callable[[], Awaitable[Result | None]],
        why: Callable[[], str],
        *,
        patience_s: float = PATIENCE_S,
    ) -> Result:
        """Return what a check finds, once it finds something."""
        try:
            async with asyncio.timeout(patience_s):
                while True:
                    found = await check()
                    if found:
                        return found
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise AssertionError(f"{why()}\n{self.logs()}") from None

    async def versions(
        self, tier: TierPlan, indicator: str, locality: str, period: str, **filters: Any
    ) -> list[Value]:
        """Return all versions of a value, the current one first."""
        chosen = {"basis": "reported", "breakdown": ""} | filters
        told = await self.read(
            tier,
            "/values/versions",
            indicator=indicator,
            locality=locality,
            period=period,
            **chosen,
        )
        items: list[Value] = told["items"]
        return items

    def log(self, tier: TierPlan) -> str:
        """Return what a tier's program has logged so far."""
        return self.layout.log_file(tier.id).read_text(encoding="utf-8")

    def logs(self) -> str:
        """Return the ends of all logs."""
        return "\n".join(
            "\n".join(
                [f"--- {tier.id}", *self.log(tier).splitlines()[-LOG_TAIL_LINES:]]
            )
            for tier in TIERS
        )


def tiers_of_a_node(node: TierPlan) -> tuple[TierPlan, ...]:
    """Return a node and the tiers above it, the node first."""
    return (node, PROVINCE, NATION)
