"""A parent that answers nonsense: a clear error, the city works on, nothing is lost."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable

import pytest

from federation.identity.keys import Signer
from federation.transports.grpc_server import UplinkServer, UplinkServerSettings
from federation.wire.v1 import uplink_pb2 as pb
from scripts.federation_demo.layout import NATION, PROVINCE, AreaPlan, TierPlan
from tests.promises.federation import Federation, Value
from tests.promises.records import VIOLATIONS, place, violations
from tests.promises.relay import Relay

CODE = "16750"
NODE = TierPlan(
    id="tien-phong",
    command="city-node",
    level="city",
    name_vi="Xã Tiền Phong",
    name_en="Tien Phong",
    locality=place(CODE),
    position=6,
    parent=PROVINCE.id,
    areas=(AreaPlan(stream=CODE, localities=(place(CODE),)),),
    page=False,
)
Answer = Callable[[pb.LinkRequest], pb.LinkResponse]


def challenge_of_another_key(request: pb.LinkRequest) -> pb.LinkResponse:
    """Answer as a parent would, and with a key the node never joined."""
    signer = Signer.generate()
    answer = pb.Challenge(
        nonce=secrets.token_bytes(32),
        signature=signer.sign(request.open.nonce),
        key_id=signer.key_id,
        protocol_version=1,
        credit=pb.Credit(frames=100, bytes=10_000_000),
    )
    return pb.LinkResponse(challenge=answer)


def grant_nobody_asked_for(_: pb.LinkRequest) -> pb.LinkResponse:
    start = pb.Position(epoch=99, sequence=0, head=bytes(32))
    return pb.LinkResponse(epoch_grant=pb.EpochGrant(stream=CODE, start=start))


def acknowledgement_of_everything(_: pb.LinkRequest) -> pb.LinkResponse:
    cursor = pb.Position(epoch=1, sequence=2**62, head=bytes(32))
    said = pb.Acknowledgement(stream=CODE, cursor=cursor)
    return pb.LinkResponse(acknowledgement=said)


def nothing(_: pb.LinkRequest) -> pb.LinkResponse:
    return pb.LinkResponse()


class Nonsense:
    """A parent that has one answer to everything."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked = 0

    async def enroll(self, request: pb.EnrollRequest) -> pb.EnrollResponse:
        self.asked += 1
        return pb.EnrollResponse(parent="nobody", parent_public_key=b"short")

    async def converse(
        self, requests: AsyncIterator[pb.LinkRequest]
    ) -> AsyncIterator[pb.LinkResponse]:
        async for request in requests:
            self.asked += 1
            yield self._answer(request)


async def link_of(federation: Federation) -> Value:
    [link] = (await federation.read(NODE, "/links"))["items"]
    return dict(link)


@pytest.mark.timeout(300)
async def test_a_parent_that_answers_nonsense_harms_nothing(
    federation: Federation,
) -> None:
    real = federation.layout.uplink_port(PROVINCE)
    async with Relay.running() as relay:
        relay.plug(real)
        await federation.admit(NODE)
        elsewhere = {"IOC_PARENT__ADDRESS": f"127.0.0.1:{relay.port}"}
        await federation.start_node(NODE, environment=elsewhere)
        try:
            await federation.push(
                NODE, "environment", violations(CODE, "2026-06-01", 1)
            )
            await federation.arrives(NATION, VIOLATIONS, place(CODE), "2026-06-01")
            answers = (
                nothing,
                challenge_of_another_key,
                grant_nobody_asked_for,
                acknowledgement_of_everything,
            )
            for number, answer in enumerate(answers, start=2):
                await survive(federation, relay, answer, f"2026-06-{number:02d}")
            relay.plug(real)
            for number in range(2, 2 + len(answers)):
                day = f"2026-06-{number:02d}"
                seen = await federation.arrives(NATION, VIOLATIONS, place(CODE), day)
                assert seen["value"] == "1"

            async def well() -> bool:
                link = await link_of(federation)
                return bool(
                    link["state"] == "connected"
                    and link["pending_rows"] == 0
                    and link["last_error"] is None
                )

            await federation.until(well, lambda: "the link did not recover")
        finally:
            await federation.stop_node(NODE)


async def survive(
    federation: Federation, relay: Relay, answer: Answer, day: str
) -> None:
    """Let a node meet nonsense; it must say so and do its work."""
    parent = Nonsense(answer)
    server = UplinkServer(
        parent, UplinkServerSettings(reflection=False, stop_grace_s=0.1)
    )
    relay.plug(await server.start())
    try:
        seen: list[Value] = []

        async def told() -> bool:
            seen[:] = [await link_of(federation)]
            return bool(parent.asked and seen[0]["last_error"])

        await federation.until(told, lambda: f"{answer.__name__}: {seen}")
        error = seen[0]["last_error"]
        assert error["vi"]
        assert error["en"]
        assert error["vi"] != error["en"]
        assert seen[0]["state"] != "connected"
        await federation.push(NODE, "environment", violations(CODE, day, 1))
        own = await federation.arrives(NODE, VIOLATIONS, place(CODE), day)
        assert own["value"] == "1"
        assert (await link_of(federation))["pending_rows"] > 0
        async with asyncio.timeout(5):
            assert (await federation.ask(NODE, "/overview")).status_code == 200
    finally:
        relay.plug(0)
        await server.stop()
