"""The running federation: PostgreSQL, tiers and pages, started and stopped in order."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from federation.storage.embedded import EmbeddedPostgres
from scripts.federation_demo.layout import (
    HOSTED,
    NATION,
    PORT_COUNT,
    PROVINCE,
    TIERS,
    VINH,
    Layout,
    TierPlan,
)
from scripts.federation_demo.programs import Program, ProgramFailedError, Tell

Step = Callable[[str], None]


class RunningFederation:
    """Everything that was started, so that all of it ends."""

    def __init__(self, layout: Layout, tell: Tell) -> None:
        """Plan; nothing is started before ``start``."""
        self._layout = layout
        self._tell = tell
        self.postgres = EmbeddedPostgres(
            layout.options.workspace / "postgres", port=layout.postgres_port
        )
        self.programs: dict[str, Program] = {}
        self._watchers: list[asyncio.Task[None]] = []

    async def start(self, step: Step, *, pages: bool = True) -> None:
        """Start every tier and wait until it answers.

        Raises:
            ProgramFailedError: when a port is taken or a program does not come up.
            FederationError: when PostgreSQL does not.
        """
        self._require_free_ports()
        step("PostgreSQL")
        await self.postgres.start()
        url_files: dict[str, Path] = {}
        for tier in TIERS:
            await self.postgres.ensure_database(tier.database)
            url_files[tier.id] = self.postgres.url_file(tier.database)
        self.watch("postgres", self.postgres.watch())
        self._layout.write_settings(url_files)
        hubs = [self._layout.program(tier) for tier in (NATION, PROVINCE)]
        rest = [self._layout.program(node) for node in (VINH, HOSTED)]
        if pages:
            rest += [self._layout.page_program(tier) for tier in TIERS if tier.page]
        if all(self._layout.token_file(child).is_file() for child in TIERS[1:]):
            step("Mọi cấp / all tiers")
            await self._launch([*hubs, *rest])
            return
        # The first time, a child can join only after its parent wrote it a token.
        step("Quốc gia và tỉnh / nation and province")
        await self._launch(hubs[:1])
        await self._admit(PROVINCE, NATION)
        await self._launch(hubs[1:])
        step("Các nút và các trang / nodes and pages")
        await asyncio.gather(*(self._admit(node, PROVINCE) for node in (VINH, HOSTED)))
        await self._launch(rest)

    async def stop(self) -> None:
        """Stop everything in the opposite order; harmless when half was started."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        await asyncio.gather(*(program.stop() for program in self.programs.values()))
        await self.postgres.stop()

    def watch(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Own a task until ``stop``."""
        self._watchers.append(asyncio.create_task(work, name=name))

    async def _launch(self, programs: list[Program]) -> None:
        for program in programs:
            self.programs[program.name] = program
            await program.start()
        for program in programs:
            await program.ready()
            self.watch(program.name, program.watch(self._tell))

    async def _admit(self, child: TierPlan, parent: TierPlan) -> None:
        """Have the parent write a join token, unless the child has had one."""
        token = self._layout.token_file(child)
        if token.is_file():
            return
        arguments = ["token", "create", "--node", child.id, "--out", str(token)]
        for area in child.areas:
            arguments += ["--area", area.argument]
        process = await asyncio.create_subprocess_exec(
            *self._layout.command(parent, *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise ProgramFailedError(output.decode(errors="replace"))

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
