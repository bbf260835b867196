"""Joining: only the parent that made the token is believed."""

from datetime import UTC, datetime, timedelta

import pytest

from federation.clock import ManualClock
from federation.errors import ErrorCode, FederationError
from federation.identity.documents import Area
from federation.identity.enrolment import (
    MemoryEnrolmentStore,
    accept_enrolment,
    challenge_is_genuine,
    enrolment_request,
)
from federation.identity.keys import Signer
from federation.identity.registry import MemoryRegistry
from federation.identity.signatures import Purpose, sign
from federation.identity.tokens import JoinTicket
from federation.inbox.endpoint import Inbox
from federation.inbox.services import Services
from federation.inbox.store import MemoryInboxStore
from federation.wire.v1 import uplink_pb2 as pb

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class World:
    """A parent, and a node that holds a token of it."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.parent = Signer.generate()
        self.node = Signer.generate()
        self.registry = MemoryRegistry(signer=self.parent, clock=self.clock)
        self.inbox = Inbox(
            Services(
                parent="nghe-an",
                signer=self.parent,
                registry=self.registry,
                store=MemoryInboxStore(),
                clock=self.clock,
            )
        )
        self.store = MemoryEnrolmentStore()

    async def ticket(self) -> JoinTicket:
        token = await self.registry.create_token(
            node="vinh",
            areas=[Area(stream="vinh", localities=("vinh",))],
            lifetime=timedelta(days=1),
        )
        return JoinTicket(token=token, node="vinh", parent_key_id=self.parent.key_id)

    def request(self, ticket: JoinTicket) -> pb.EnrollRequest:
        return enrolment_request(
            self.node, node="vinh", ticket=ticket, software_version="1"
        )

    async def accept(self, response: pb.EnrollResponse, ticket: JoinTicket) -> None:
        await accept_enrolment(
            response, node="vinh", ticket=ticket, store=self.store, clock=self.clock
        )


@pytest.fixture
def world() -> World:
    return World()


async def test_a_node_joins_with_a_token(world: World) -> None:
    ticket = await world.ticket()
    await world.accept(await world.inbox.enroll(world.request(ticket)), ticket)
    enrolment = await world.store.load()
    assert enrolment is not None
    assert enrolment.parent == "nghe-an"
    assert enrolment.verifier.key_id == world.parent.key_id
    assert (await world.store.assignments())["vinh"].fence == 1


async def test_a_used_token_says_so_to_the_second_key(world: World) -> None:
    ticket = await world.ticket()
    await world.inbox.enroll(world.request(ticket))
    world.node = Signer.generate()
    with pytest.raises(FederationError) as refused:
        await world.accept(await world.inbox.enroll(world.request(ticket)), ticket)
    assert refused.value.code is ErrorCode.REFUSED_BY_PARENT
    assert refused.value.where["refusal"] == "TOKEN_USED"
    assert refused.value.retry_after_s is None


@pytest.mark.parametrize("field", ["node", "token", "public_key", "proof"])
async def test_a_request_that_was_changed_on_the_way_is_refused(
    world: World, field: str
) -> None:
    request = world.request(await world.ticket())
    changed = {
        "node": "hue",
        "token": "IOC-0000",
        "public_key": Signer.generate().public_key,
        "proof": bytes(64),
    }
    setattr(request, field, changed[field])
    answer = await world.inbox.enroll(request)
    assert answer.refusal.code == pb.REFUSAL_CODE_SIGNATURE_INVALID
    assert not answer.assignments


async def test_nonsense_is_refused(world: World) -> None:
    answer = await world.inbox.enroll(pb.EnrollRequest())
    assert answer.refusal.code == pb.REFUSAL_CODE_MALFORMED
    ticket = JoinTicket(token="IOC-0000")
    answer = await world.inbox.enroll(world.request(ticket))
    assert answer.refusal.code == pb.REFUSAL_CODE_TOKEN_UNKNOWN


async def test_another_parent_than_the_tokens_is_not_believed(world: World) -> None:
    ticket = await world.ticket()
    genuine = await world.inbox.enroll(world.request(ticket))
    stranger = JoinTicket(token=ticket.token, parent_key_id=b"s" * 32)
    unsigned = pb.EnrollResponse(
        parent="nghe-an", parent_public_key=Signer.generate().public_key
    )
    for response, shown in (
        (genuine, stranger),
        (unsigned, ticket),
        (pb.EnrollResponse(), JoinTicket(token=ticket.token)),
        (
            pb.EnrollResponse(
                parent="x",
                parent_public_key=Signer.generate().public_key,
                assignments=genuine.assignments,
            ),
            JoinTicket(token=ticket.token),
        ),
    ):
        with pytest.raises(FederationError) as refused:
            await world.accept(response, shown)
        assert refused.value.code is ErrorCode.WIRE
    assert await world.store.load() is None


async def test_a_challenge_is_bound_to_the_open_it_answers(world: World) -> None:
    ticket = await world.ticket()
    await world.accept(await world.inbox.enroll(world.request(ticket)), ticket)
    enrolment = await world.store.load()
    assert enrolment is not None
    opened = pb.Open(node="vinh", nonce=b"n" * 32, boot_id=b"b" * 16)
    parts = (opened.nonce, b"p" * 32, opened.node, opened.boot_id)
    challenge = pb.Challenge(
        nonce=b"p" * 32,
        signature=sign(world.parent, Purpose.CHALLENGE, *parts),
        key_id=world.parent.key_id,
    )
    assert challenge_is_genuine(enrolment, opened, challenge)
    opened.nonce = b"m" * 32
    assert not challenge_is_genuine(enrolment, opened, challenge)
