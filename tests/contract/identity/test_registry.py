"""What every registry promises: one token one key, the highest fence wins."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from federation.clock import ManualClock
from federation.errors import FederationError
from federation.identity import APP
from federation.identity.documents import Area, AssignmentDocument, sign_assignment
from federation.identity.enrolment import (
    Enrolment,
    EnrolmentStore,
    MemoryEnrolmentStore,
    PostgresEnrolmentStore,
)
from federation.identity.keys import Signer
from federation.identity.registry import FENCE_MAX, MemoryRegistry, Registry
from federation.identity.registry_postgres import PostgresRegistry
from federation.identity.tokens import new_token, token_hash
from federation.storage.pool import open_pool
from federation.wire.refusal import RefusalCode, WireError
from tests.conftest import DatabaseFactory

PARENT = Signer.generate()
NODE = Signer.generate()
OTHER = Signer.generate()
VINH = Area(stream="vinh", localities=("vinh",), includes_parts=True)
QUANG_CHAU = Area(stream="17443", localities=("17443@2025-07-01",))
WEEK = timedelta(days=7)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 22, 8, 0, tzinfo=UTC))


@pytest_asyncio.fixture(params=["memory", "postgres"])
async def registry(
    request: pytest.FixtureRequest,
    clock: ManualClock,
    migrated_database: DatabaseFactory,
) -> AsyncIterator[Registry]:
    if request.param == "memory":
        yield MemoryRegistry(signer=PARENT, clock=clock)
        return
    pool = await open_pool(await migrated_database([APP]), name="test")
    yield PostgresRegistry(pool, signer=PARENT, clock=clock)
    await pool.close()


@pytest_asyncio.fixture(params=["memory", "postgres"])
async def enrolments(
    request: pytest.FixtureRequest, migrated_database: DatabaseFactory
) -> AsyncIterator[EnrolmentStore]:
    if request.param == "memory":
        yield MemoryEnrolmentStore()
        return
    pool = await open_pool(await migrated_database([APP]), name="test")
    yield PostgresEnrolmentStore(pool)
    await pool.close()


async def join(
    registry: Registry, token: str, node: str = "vinh", signer: Signer = NODE
) -> dict[str, int]:
    documents = await registry.enroll(
        node=node,
        token=token,
        public_key=signer.public_key,
        software_version="1.0",
    )
    return {each.stream: each.fence for each in documents}


async def refused(registry: Registry, token: str, **how: object) -> RefusalCode:
    with pytest.raises(WireError) as error:
        await join(registry, token, **how)  # type: ignore[arg-type]
    return error.value.refusal


async def test_a_node_that_joins_is_known_by_its_key(
    registry: Registry, clock: ManualClock
) -> None:
    token = await registry.create_token(
        node="vinh", areas=[VINH, QUANG_CHAU], lifetime=WEEK
    )
    assert await registry.node("vinh") is None
    assert await join(registry, token) == {"vinh": 1, "17443": 1}
    node = await registry.node("vinh")
    assert node is not None
    assert node.key_id == NODE.key_id
    assert node.enrolled_at == clock.now()
    assert [each.id for each in await registry.nodes()] == ["vinh"]
    assignment = (await registry.assignments())["vinh"]
    assert (assignment.area, assignment.node) == (VINH, "vinh")
    assert await registry.assignment("nothing") is None


async def test_only_the_hash_of_a_token_is_kept(registry: Registry) -> None:
    token = await registry.create_token(node="vinh", areas=[VINH], lifetime=WEEK)
    (kept,) = await registry.tokens()
    assert kept.hash == token_hash(token)
    assert token not in repr(kept)
    assert kept.used_at is None


async def test_a_lost_answer_is_given_again_to_the_same_key(
    registry: Registry, clock: ManualClock
) -> None:
    token = await registry.create_token(node="vinh", areas=[VINH], lifetime=WEEK)
    first = await join(registry, token)
    clock.advance(WEEK)
    assert await join(registry, token) == first


async def test_a_token_used_by_another_key_is_refused(registry: Registry) -> None:
    token = await registry.create_token(node="vinh", areas=[VINH], lifetime=WEEK)
    await join(registry, token)
    assert await refused(registry, token, signer=OTHER) is RefusalCode.TOKEN_USED
    node = await registry.node("vinh")
    assert node is not None
    assert node.key_id == NODE.key_id


async def test_an_old_token_is_refused(registry: Registry, clock: ManualClock) -> None:
    token = await registry.create_token(node="vinh", areas=[VINH], lifetime=WEEK)
    clock.advance(WEEK)
    assert await refused(registry, token) is RefusalCode.TOKEN_EXPIRED


async def test_a_token_is_for_its_node_only(registry: Registry) -> None:
    token = await registry.create_token(node="vinh", areas=[VINH], lifetime=WEEK)
    assert await refused(registry, token, node="hue") is RefusalCode.NODE_UNKNOWN
    assert await refused(registry, new_token()) is RefusalCode.TOKEN_UNKNOWN


async def test_a_stream_that_moves_gets_a_higher_fence(registry: Registry) -> None:
    token = await registry.create_token(node="vinh", areas=[VINH], lifetime=WEEK)
    await join(registry, token)
    moved = await registry.create_token(node="hosted", areas=[VINH], lifetime=WEEK)
    assert await join(registry, moved, node="hosted", signer=OTHER) == {"vinh": 2}
    assert await refused(registry, token) is RefusalCode.FENCED
    assignment = await registry.assignment("vinh")
    assert assignment is not None
    assert assignment.node == "hosted"
    assert await registry.was_assigned("vinh", "vinh")
    assert not await registry.was_assigned("vinh", "hue")


async def test_a_new_token_gives_a_node_a_new_key_and_ends_its_quarantine(
    registry: Registry,
) -> None:
    for signer in (NODE, OTHER):
        token = await registry.create_token(node="vinh", areas=[VINH], lifetime=WEEK)
        await join(registry, token, signer=signer)
        node = await registry.node("vinh")
        assert node is not None
        assert (node.key_id, node.quarantined_at) == (signer.key_id, None)
        await registry.quarantine("vinh")
        node = await registry.node("vinh")
        assert node is not None
        assert node.quarantined_at is not None
    await registry.release("vinh")
    node = await registry.node("vinh")
    assert node is not None
    assert node.quarantined_at is None


async def test_a_forgotten_assignment_is_learned_again(
    registry: Registry, clock: ManualClock
) -> None:
    def signed(fence: int, node: str) -> AssignmentDocument:
        return sign_assignment(
            PARENT, area=VINH, node=node, fence=fence, signed_at=clock.now()
        )

    await registry.adopt(signed(5, "hosted"))
    await registry.adopt(signed(4, "vinh"))
    await registry.adopt(signed(FENCE_MAX + 1, "vinh"))
    assert (await registry.assignments())["vinh"].fence == 5
    token = await registry.create_token(node="vinh", areas=[VINH], lifetime=WEEK)
    assert await join(registry, token) == {"vinh": 6}


@pytest.mark.parametrize(
    ("node", "areas"),
    [
        ("", [VINH]),
        ("vinh", []),
        ("vinh", [VINH, VINH]),
        ("vinh", [Area(stream="vinh", localities=())]),
    ],
)
async def test_a_token_needs_a_node_and_its_areas(
    registry: Registry, node: str, areas: list[Area]
) -> None:
    with pytest.raises(FederationError):
        await registry.create_token(node=node, areas=areas, lifetime=WEEK)


async def test_a_node_remembers_its_parent_and_the_highest_fence(
    enrolments: EnrolmentStore, clock: ManualClock
) -> None:
    def signed(signer: Signer, fence: int) -> AssignmentDocument:
        return sign_assignment(
            signer, area=VINH, node="vinh", fence=fence, signed_at=clock.now()
        )

    assert await enrolments.load() is None
    first = Enrolment(
        parent="nghe-an", parent_public_key=PARENT.public_key, enrolled_at=clock.now()
    )
    await enrolments.save(first, [signed(PARENT, 2)])
    await enrolments.keep(signed(PARENT, 1))
    assert await enrolments.load() == first
    assert (await enrolments.assignments())["vinh"] == signed(PARENT, 2)
    await enrolments.keep(signed(PARENT, 3))
    assert (await enrolments.assignments())["vinh"].fence == 3

    second = Enrolment(
        parent="hue", parent_public_key=OTHER.public_key, enrolled_at=clock.now()
    )
    await enrolments.save(second, [signed(OTHER, 1)])
    assert await enrolments.load() == second
    assert (await enrolments.assignments())["vinh"] == signed(OTHER, 1)
