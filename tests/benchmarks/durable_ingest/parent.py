"""Worker: a parent that takes in streams, made of the product's own parts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from federation.clock import SystemClock
from federation.identity.documents import Area
from federation.identity.keys import load_or_create_key
from federation.identity.registry_postgres import PostgresRegistry
from federation.inbox.endpoint import Inbox
from federation.inbox.services import Services
from federation.inbox.store_postgres import PostgresInboxStore
from federation.storage.pool import open_pool
from federation.transports.grpc_server import UplinkServer
from tests.benchmarks.workers import Listen, Speak


async def main(plan: dict[str, Any], speak: Speak, listen: Listen) -> None:
    """Serve until nobody speaks to the worker; say the port and the join tokens."""
    clock = SystemClock()
    signer = load_or_create_key(Path(plan["key"]))
    pool = await open_pool(plan["database"], name="benchmark-parent")
    registry = PostgresRegistry(pool, signer=signer, clock=clock)
    inbox = Inbox(
        Services(
            parent="parent",
            signer=signer,
            registry=registry,
            store=PostgresInboxStore(pool),
            clock=clock,
        )
    )
    tokens = {
        node: await registry.create_token(
            node=node,
            areas=[
                Area(stream=stream, localities=(stream,), includes_parts=True)
                for stream in streams
            ],
            lifetime=timedelta(hours=1),
        )
        for node, streams in plan["nodes"].items()
    }
    server = UplinkServer(inbox)
    port = await server.start()
    try:
        speak({"port": port, "tokens": tokens})
        while await listen() is not None:
            pass
    finally:
        inbox.close()
        await server.stop()
        await pool.close()
