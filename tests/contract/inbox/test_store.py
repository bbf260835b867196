"""What every inbox store promises: cursor and log move together, or not at all."""

import asyncio
import contextlib
import dataclasses
import functools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
import pytest_asyncio

from federation.identity.documents import START, ChainPosition
from federation.identity.keys import Signer
from federation.inbox import APP
from federation.inbox.judgement import Verdict
from federation.inbox.limits import EPOCH_MAX
from federation.inbox.projector_position import (
    advance_projector,
    read_projector_position,
)
from federation.inbox.records import Cursor, DeadLetter, Fault, LinkState
from federation.inbox.store import InboxStore, MemoryInboxStore
from federation.inbox.store_postgres import (
    FRAME_COMMITTED,
    PostgresInboxStore,
    record_dead_letters,
)
from federation.storage.embedded import EmbeddedPostgres
from federation.storage.errors import StorageError
from federation.storage.pool import Pool, open_pool, retried, transaction
from federation.wire.frames import GENESIS_HEAD
from federation.wire.refusal import RefusalCode, WireError
from tests.conftest import DatabaseFactory
from tests.unit.inbox.child import Chain

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
NODE = Signer.generate()


@pytest_asyncio.fixture
async def pool(migrated_database: DatabaseFactory) -> AsyncIterator[Pool]:
    pool = await open_pool(await migrated_database([APP]), name="test")
    yield pool
    await pool.close()


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest) -> InboxStore:
    if request.param == "memory":
        return MemoryInboxStore()
    return PostgresInboxStore(request.getfixturevalue("pool"))


async def begin(store: InboxStore, stream: str = "vinh", fence: int = 1) -> Chain:
    await store.open_stream(
        stream, node="vinh", fence=fence, boot_id=b"b" * 16, now=NOW
    )
    cursor = await store.grant_epoch(stream, fence=fence, highest_epoch=0, common=START)
    chain = Chain(NODE, stream)
    chain.begin(cursor.epoch, cursor.head)
    return chain


async def test_a_new_stream_stands_before_its_first_epoch(store: InboxStore) -> None:
    cursor = await store.open_stream(
        "vinh", node="vinh", fence=1, boot_id=b"b" * 16, now=NOW
    )
    assert cursor == Cursor(stream="vinh", fence=1)
    assert cursor.position == START
    assert await store.chain("vinh") == []
    assert await store.frames_after("vinh", 0, 0, 10) == []


async def test_cursor_and_log_move_together(store: InboxStore) -> None:
    chain, other = await begin(store), await begin(store, "17443")
    arrivals = [*chain.arrivals(2), *other.arrivals(1), *chain.arrivals(1)]
    outcomes = await store.commit(arrivals, now=NOW)
    assert {s: len(o.stored) for s, o in outcomes.items()} == {"vinh": 3, "17443": 1}
    cursors = {each.stream: each for each in await store.cursors()}
    assert cursors["vinh"] == outcomes["vinh"].cursor
    assert cursors["vinh"].position == ChainPosition(
        epoch=1, sequence=3, head=chain.head
    )
    assert cursors["vinh"].committed_at == NOW
    log = await store.frames_after("vinh", 0, 0, 10)
    assert [(each.epoch, each.sequence) for each in log] == [(1, 1), (1, 2), (1, 3)]
    assert log[-1].head == chain.head
    assert log[0].body == arrivals[0].frame.body
    assert (log[0].signature, log[0].key_id) == (
        arrivals[0].frame.signature,
        NODE.key_id,
    )
    assert (log[0].node, log[0].received_at) == ("vinh", NOW)
    later = await store.frames_after("vinh", 1, 1, 1)
    assert [each.sequence for each in later] == [2]


async def test_a_frame_is_stored_once_however_often_it_comes(
    store: InboxStore,
) -> None:
    chain = await begin(store)
    arrivals = chain.arrivals(3)
    await store.commit([*arrivals, *arrivals], now=NOW)
    again = (await store.commit(arrivals[:2], now=NOW))["vinh"]
    assert (again.stored, again.acknowledged, again.stopped_by) == ((), True, None)
    assert again.cursor.sequence == 3
    assert len(await store.frames_after("vinh", 0, 0, 10)) == 3


async def test_a_gap_stores_what_stands_before_it(store: InboxStore) -> None:
    chain = await begin(store)
    first, _, third, fourth = chain.arrivals(4)
    outcome = (await store.commit([first, third, fourth], now=NOW))["vinh"]
    assert outcome.stopped_by is Verdict.AHEAD
    assert outcome.stopped_at == third
    assert outcome.cursor.sequence == 1


async def test_another_chain_moves_nothing(store: InboxStore) -> None:
    chain = await begin(store)
    await store.commit(chain.arrivals(2), now=NOW)
    fork = Chain(NODE)
    fork.seal_raw(sealed_at_us=1)
    replaced, behind = Chain(NODE), fork.arrivals(2)
    replaced_first = dataclasses.replace(
        replaced.arrivals(1)[0], frame=Chain(NODE).seal_raw(sealed_at_us=3)
    )
    for arrival in (replaced_first, *behind):
        outcome = (await store.commit([arrival], now=NOW))["vinh"]
        assert outcome.stopped_by is Verdict.BROKEN
        assert outcome.cursor.sequence == 2


async def test_epochs_that_are_over_or_never_granted_move_nothing(
    store: InboxStore,
) -> None:
    chain = await begin(store)
    old = chain.arrivals(1)
    granted = await store.grant_epoch("vinh", fence=1, highest_epoch=0, common=START)
    assert (granted.epoch, granted.sequence) == (2, 0)
    assert (await store.commit(old, now=NOW))["vinh"].stopped_by is Verdict.STALE
    chain.begin(5, GENESIS_HEAD)
    ahead = chain.arrivals(1)
    assert (await store.commit(ahead, now=NOW))["vinh"].stopped_by is Verdict.BROKEN


async def test_frames_of_an_unknown_stream_have_no_outcome(store: InboxStore) -> None:
    assert await store.commit(Chain(NODE).arrivals(1), now=NOW) == {}


async def test_a_higher_fence_shuts_the_lower_one_out(store: InboxStore) -> None:
    chain = await begin(store)
    await store.open_stream("vinh", node="new", fence=2, boot_id=b"c" * 16, now=NOW)
    outcome = (await store.commit(chain.arrivals(1), now=NOW))["vinh"]
    assert outcome.stopped_by is Verdict.FENCED
    for refused in (
        store.open_stream("vinh", node="vinh", fence=1, boot_id=b"b" * 16, now=NOW),
        store.grant_epoch("vinh", fence=1, highest_epoch=0, common=START),
    ):
        with pytest.raises(WireError) as error:
            await refused
        assert error.value.refusal is RefusalCode.FENCED
    (cursor,) = await store.cursors()
    assert (cursor.fence, cursor.epoch, cursor.sequence) == (2, 1, 0)


async def test_no_epoch_is_granted_twice(store: InboxStore) -> None:
    chain = await begin(store)
    await store.commit(chain.arrivals(2), now=NOW)
    end = ChainPosition(epoch=1, sequence=2, head=chain.head)
    granted = [
        await store.grant_epoch("vinh", fence=1, highest_epoch=highest, common=end)
        for highest in (0, 7, 3)
    ]
    assert [each.epoch for each in granted] == [2, 8, 9]
    assert {each.head for each in granted} == {chain.head}
    # The start of an epoch is the same place as the end of the one before.
    start = ChainPosition(epoch=9, sequence=0, head=chain.head)
    again = await store.grant_epoch("vinh", fence=1, highest_epoch=0, common=start)
    assert again.epoch == 10


@pytest.mark.parametrize(
    "common",
    [
        ChainPosition(epoch=1, sequence=1, head=b"x" * 32),
        ChainPosition(epoch=1, sequence=9, head=GENESIS_HEAD),
        ChainPosition(epoch=2, sequence=0, head=b"x" * 32),
    ],
)
async def test_a_common_frame_must_be_on_the_chain(
    store: InboxStore, common: ChainPosition
) -> None:
    chain = await begin(store)
    await store.commit(chain.arrivals(2), now=NOW)
    with pytest.raises(WireError) as error:
        await store.grant_epoch("vinh", fence=1, highest_epoch=0, common=common)
    assert error.value.refusal is RefusalCode.CHAIN_BROKEN


async def test_an_epoch_out_of_range_is_refused(store: InboxStore) -> None:
    await begin(store)
    with pytest.raises(WireError) as error:
        await store.grant_epoch("vinh", fence=1, highest_epoch=EPOCH_MAX, common=START)
    assert error.value.refusal is RefusalCode.MALFORMED


async def test_the_chain_goes_through_all_epochs(store: InboxStore) -> None:
    chain = await begin(store)
    await store.commit(chain.arrivals(6), now=NOW)
    cursor = await store.grant_epoch("vinh", fence=1, highest_epoch=0, common=START)
    chain.begin(cursor.epoch, cursor.head)
    await store.commit(chain.arrivals(7), now=NOW)
    positions = [(p.epoch, p.sequence) for p in await store.chain("vinh")]
    near = [(2, n) for n in range(7, 0, -1)] + [(1, 6)]
    assert positions == [*near, (1, 4), (1, 1)]


async def test_a_bad_frame_goes_to_the_dead_letters_with_the_cursor(
    store: InboxStore,
) -> None:
    chain = await begin(store)
    bad = chain.bad_arrival(Fault(code=RefusalCode.ROWS_INVALID, detail="rows"))
    await store.commit([bad, *chain.arrivals(1)], now=NOW)
    await store.commit([bad], now=NOW)
    (cursor,) = await store.cursors()
    assert cursor.sequence == 2
    (letter,) = await store.dead_letters("vinh", 10)
    assert letter == DeadLetter(
        stream="vinh",
        epoch=1,
        sequence=1,
        code=RefusalCode.ROWS_INVALID,
        detail="rows",
    )
    log = await store.frames_after("vinh", 0, 0, 10)
    assert [each.set_aside for each in log] == [True, False]


async def test_a_dead_letter_is_untold_until_the_child_knows(
    store: InboxStore,
) -> None:
    chain = await begin(store)
    await store.commit(chain.arrivals(1), now=NOW)
    letters = [
        DeadLetter(
            stream="vinh",
            epoch=1,
            sequence=1,
            code=RefusalCode.SERIES_UNDECLARED,
            series=series,
            period_start=1,
        )
        for series in (1, 2)
    ]
    await store.set_aside(letters, now=NOW)
    await store.set_aside(letters, now=NOW)
    untold = await store.untold(["vinh"], 10)
    assert [each.letter for each in untold] == letters
    assert untold[0].head == chain.head
    assert await store.untold(["17443"], 10) == []
    await store.mark_told([untold[0].id], now=NOW)
    assert [each.letter for each in await store.untold(["vinh"], 10)] == letters[1:]
    assert len(await store.dead_letters("vinh", 10)) == 2


@pytest.mark.parametrize("clock_jump_s", [1, -3600])
async def test_an_older_link_never_hides_a_newer_one(
    store: InboxStore, clock_jump_s: int
) -> None:
    older = LinkState(
        node="vinh",
        link_id=b"1" * 16,
        boot_id=b"b" * 16,
        software_version="1",
        connected=True,
        opened_at=NOW,
        heard_at=NOW,
    )
    newer = dataclasses.replace(
        older,
        link_id=b"2" * 16,
        opened_at=NOW + timedelta(seconds=clock_jump_s),
        clock_offset_us=-5,
    )
    assert await store.note_link(older, begins=True)
    assert await store.note_link(newer, begins=True)
    assert await store.note_link(newer)
    assert not await store.note_link(dataclasses.replace(older, connected=False))
    assert await store.links() == [newer]


async def test_of_two_processes_one_stores_a_frame(pool: Pool) -> None:
    stores = [PostgresInboxStore(pool) for _ in range(4)]
    chain, other = await begin(stores[0]), await begin(stores[0], "17443")
    arrivals = [*chain.arrivals(5), *other.arrivals(5)]
    outcomes = await asyncio.gather(
        *(store.commit(arrivals, now=NOW) for store in stores)
    )
    stored = [len(each["vinh"].stored) for each in outcomes]
    assert sorted(stored) == [0, 0, 0, 5]
    assert all(each["vinh"].acknowledged for each in outcomes)


async def test_a_commit_wakes_the_projector(pool: Pool) -> None:
    store = PostgresInboxStore(pool)
    chain = await begin(store)
    heard: asyncio.Queue[str] = asyncio.Queue()

    def listener(_connection: object, _pid: int, _channel: str, payload: str) -> None:
        heard.put_nowait(payload)

    async with pool.acquire() as connection:
        await connection.add_listener(FRAME_COMMITTED, listener)
        await store.commit(chain.arrivals(2), now=NOW)
        async with asyncio.timeout(10):
            assert await heard.get() == "vinh"
        await connection.remove_listener(FRAME_COMMITTED, listener)


async def test_every_start_that_said_hello_is_kept_as_evidence(pool: Pool) -> None:
    store = PostgresInboxStore(pool)
    for boot_id in (b"a" * 16, b"b" * 16, b"a" * 16):
        await store.open_stream("vinh", node="vinh", fence=1, boot_id=boot_id, now=NOW)
    rows = await pool.fetch("SELECT boot_id, count FROM inbox_hello ORDER BY boot_id")
    assert [tuple(row) for row in rows] == [(b"a" * 16, 2), (b"b" * 16, 1)]


async def test_of_two_projectors_one_moves_the_position(pool: Pool) -> None:
    async with transaction(pool) as connection:
        assert await read_projector_position(connection, "vinh") == (0, 0)
        assert await advance_projector(connection, "vinh", expected=(0, 0), to=(1, 4))
        assert await read_projector_position(connection, "vinh") == (1, 4)
        assert not await advance_projector(
            connection, "vinh", expected=(0, 0), to=(1, 4)
        )
        assert not await advance_projector(
            connection, "17443", expected=(1, 3), to=(1, 4)
        )
        assert await advance_projector(connection, "vinh", expected=(1, 4), to=(2, 1))


async def test_what_the_projector_sets_aside_goes_with_its_transaction(
    pool: Pool,
) -> None:
    store = PostgresInboxStore(pool)
    letter = DeadLetter(
        stream="vinh", epoch=1, sequence=1, code=RefusalCode.CONTRACT_DIFFERS, series=1
    )
    with pytest.raises(asyncio.CancelledError):
        async with transaction(pool) as connection:
            await record_dead_letters(connection, [letter], now=NOW)
            raise asyncio.CancelledError
    assert await store.dead_letters("vinh", 10) == []
    async with transaction(pool) as connection:
        await record_dead_letters(connection, [letter], now=NOW)
    assert await store.dead_letters("vinh", 10) == [letter]


async def test_a_connection_that_dies_in_the_commit_leaves_all_or_nothing(
    pool: Pool, postgres_server: EmbeddedPostgres
) -> None:
    store = PostgresInboxStore(pool)
    chain = await begin(store)
    database = await pool.fetchval("SELECT current_database()")
    administrator = await asyncpg.connect(postgres_server.admin_url())
    try:
        for _ in range(10):
            arrivals = chain.arrivals(20)
            committing = asyncio.create_task(store.commit(arrivals, now=NOW))
            await administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = $1",
                database,
            )
            with contextlib.suppress(StorageError):
                await committing
            # Whatever became of it, trying again ends in the same place.
            outcome = await retried(
                functools.partial(store.commit, arrivals, now=NOW), doing="commit"
            )
            assert outcome["vinh"].cursor.head == chain.head
    finally:
        await administrator.close()
    log = await store.frames_after("vinh", 0, 0, 1_000)
    assert [each.sequence for each in log] == list(range(1, 201))
    (cursor,) = await store.cursors()
    assert (cursor.head, cursor.frame_count) == (chain.head, 200)
