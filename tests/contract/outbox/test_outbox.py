"""What every outbox promises."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from federation.errors import ErrorCode, FederationError
from federation.identity.documents import START, ChainPosition
from federation.model.indicator import Basis
from federation.model.period import Frequency
from federation.model.row import Version
from federation.model.status import Counts, Provenance, Status
from federation.outbox.store import position_of
from federation.wire.frames import next_head, read_payload
from tests.contract.outbox.harness import ENVIRONMENT, OBLIGATION, Harness, Parent
from tests.contract.outbox.samples import (
    OTHER,
    PROVINCE,
    RAIN,
    SPENT,
    STREAM,
    WARD,
    indicator,
    rain,
)


async def test_nothing_is_sealed_before_the_parent_granted_an_epoch(
    harness: Harness,
) -> None:
    await harness.outbox.add_stream(STREAM)
    await harness.feed.change(STREAM, rain(5))
    assert await harness.outbox.seal(STREAM) is None
    assert (await harness.outbox.stats(STREAM)).pending_rows == 1
    assert (await harness.outbox.positions(STREAM)).sealed == START


async def test_a_changed_row_is_sealed_once(harness: Harness) -> None:
    await harness.opened()
    await harness.feed.change(STREAM, rain(5))
    payloads = await harness.drained()
    assert [row.state.value for p in payloads for row in p.rows if row.state] == [5]
    await harness.feed.change(STREAM, rain(5))
    assert await harness.drained() == []
    await harness.feed.change(STREAM, rain(6))
    payloads = await harness.drained()
    assert [row.state.value for p in payloads for row in p.rows if row.state] == [6]


async def test_everything_used_is_announced_before_its_first_row_and_only_once(
    harness: Harness,
) -> None:
    await harness.opened()
    await harness.feed.change(STREAM, rain(5))
    first = read_payload((await harness.sealed()).body)
    assert first.indicators == (RAIN,)
    assert [each.id for each in first.calendars] == ["vn"]
    assert [each.id for each in first.agencies] == ["H41.SNNMT"]
    assert first.subsystems == (ENVIRONMENT,)
    assert [(x.number, x.id, x.name.vi) for x in first.sources] == [
        (1, "open_meteo", "Open-Meteo")
    ]
    assert first.localities == (PROVINCE, WARD)
    assert first.obligations == (OBLIGATION,)
    assert [(each.number, each.key) for each in first.series] == [(1, rain(5).series)]
    assert first.rows[0].series == 1
    assert first.rows[0].source == 1
    await harness.feed.change(STREAM, rain(7), rain(8, locality="17443"))
    second = read_payload((await harness.sealed()).body)
    assert second.indicators == ()
    assert second.agencies == second.sources == second.obligations == ()
    assert second.subsystems == ()
    assert second.localities == second.calendars == ()
    assert [(x.number, x.key.locality) for x in second.series] == [(2, "17443")]


async def test_numbers_begin_anew_with_every_epoch_and_streams_do_not_share_them(
    harness: Harness,
) -> None:
    await harness.opened()
    await harness.opened(stream=OTHER)
    await harness.feed.change(STREAM, rain(1))
    await harness.feed.change(OTHER, rain(2, locality=OTHER))
    assert [x.number for p in await harness.drained() for x in p.series] == [1]
    assert [x.number for p in await harness.drained(OTHER) for x in p.series] == [1]
    await harness.opened(epoch=2)
    again = await harness.drained()
    assert [x.number for p in again for x in p.series] == [1]
    assert [x.id for p in again for x in p.indicators] == [RAIN.id]
    assert await harness.drained(OTHER) == []


async def test_a_next_start_goes_on_with_what_was_announced(harness: Harness) -> None:
    await harness.opened()
    await harness.feed.change(STREAM, rain(1))
    first = await harness.sealed()
    harness.outbox = harness.again()
    await harness.feed.change(STREAM, rain(2))
    second = await harness.sealed()
    assert (second.epoch, second.sequence) == (1, first.sequence + 1)
    assert second.previous_head == first.head
    assert read_payload(second.body).series == ()


async def test_a_changed_contract_is_announced_again(harness: Harness) -> None:
    await harness.opened()
    await harness.feed.change(STREAM, rain(1))
    await harness.drained()
    await harness.feed.know(indicator(target=30))
    payloads = await harness.drained()
    assert [x.target for p in payloads for x in p.indicators] == [30]


async def test_frames_form_a_chain(harness: Harness) -> None:
    await harness.opened()
    head = START.head
    for day in range(1, 6):
        await harness.feed.change(STREAM, rain(day, day))
        frame = await harness.sealed()
        assert frame.previous_head == head
        assert frame.head == next_head(head, frame.body)
        assert frame.sequence == day
        head = frame.head
    after = ChainPosition(epoch=1, sequence=3, head=b"")
    frames = await harness.outbox.frames_after(STREAM, after, frames_max=16)
    assert [frame.sequence for frame in frames] == [4, 5]
    assert frames[-1].head == head


async def test_newest_periods_go_first_and_every_fourth_frame_takes_the_oldest(
    harness: Harness,
) -> None:
    await harness.opened()
    await harness.feed.change(STREAM, *(rain(day, day) for day in range(1, 61)))
    values = [
        sorted(row.state.value for row in payload.rows if row.state)
        for payload in await harness.drained()
    ]
    assert values == [
        [*range(1, 11)],
        [*range(11, 21)],
        [*range(21, 31)],
        [*range(51, 61)],
        [*range(31, 41)],
        [*range(41, 51)],
    ]


async def test_completion_is_said_with_the_last_row_and_never_before(
    harness: Harness,
) -> None:
    await harness.opened()
    await harness.feed.change(
        STREAM,
        *(rain(day, day) for day in range(1, 15)),
        rain(1, 40, indicator_id=SPENT.id, frequency=Frequency.MONTH),
    )
    payloads = await harness.drained()
    assert [len(payload.complete_through) for payload in payloads] == [0, 2]
    said = {x.period.frequency: x.period.text for x in payloads[1].complete_through}
    assert said == {Frequency.DAY: "2026-11-21", Frequency.MONTH: "2026-10"}
    assert {x.calendar for x in payloads[1].complete_through} == {"vn"}


async def test_the_end_of_a_period_is_said_without_any_row(harness: Harness) -> None:
    await harness.opened()
    await harness.feed.change(STREAM, rain(1))
    await harness.drained()
    harness.clock.advance(timedelta(days=1))
    payloads = await harness.drained()
    assert [x.period.text for p in payloads for x in p.complete_through] == [
        "2026-11-22"
    ]
    assert all(p.rows == () for p in payloads)


async def test_a_row_that_is_not_confirmed_holds_completion_back(
    harness: Harness,
) -> None:
    await harness.opened()
    row = dataclasses.replace(rain(1), unconfirmed=True)
    await harness.feed.change(STREAM, row)
    payloads = await harness.drained()
    assert payloads[0].rows[0].unconfirmed
    assert all(p.complete_through == () for p in payloads)


async def test_of_a_withheld_series_a_frame_says_only_that_it_is(
    harness: Harness,
) -> None:
    await harness.opened()
    secret = rain(3, locality="17443")
    await harness.feed.change(STREAM, rain(1), secret)
    await harness.feed.withhold(secret.series, "Luật 05/2026")
    payload = read_payload((await harness.sealed()).body)
    assert [(x.key, x.ground) for x in payload.withheld] == [
        (secret.series, "Luật 05/2026")
    ]
    assert [row.state.value for row in payload.rows if row.state] == [1]
    (hidden,) = (row for row in payload.rows if row.state is None)
    assert hidden.counts == Counts.one(Status.WITHHELD, Provenance.AUTOMATIC)
    assert (hidden.expected, hidden.reported, hidden.source) == (1, 0, 0)
    assert secret.recorded_at_us != hidden.recorded_at_us
    assert await harness.drained() == []
    await harness.feed.share(secret.series)
    shared = await harness.drained()
    assert [(x.key, x.ended) for p in shared for x in p.withheld] == [
        (secret.series, True)
    ]
    assert [row.state.value for p in shared for row in p.rows if row.state] == [3]


async def test_a_reissued_row_says_where_it_comes_from(harness: Harness) -> None:
    await harness.opened()
    carrier = Version(stream="vinh", epoch=3, sequence=9)
    deeper = Version(stream="ward", epoch=2, sequence=5)
    first = rain(1, 1)
    second = dataclasses.replace(rain(2, 2), origin=deeper)
    rolled = dataclasses.replace(
        rain(3, 3),
        series=dataclasses.replace(rain(3).series, basis=Basis.ROLLED_UP),
    )
    await harness.feed.change(STREAM, first, second, carrier=carrier)
    await harness.feed.change(STREAM, rolled)
    payload = read_payload((await harness.sealed()).body)
    streams = {each.number: each.streams for each in payload.origins} | {0: ()}
    assert {
        row.state.value: (
            streams[row.origin],
            row.origin_epoch,
            row.origin_sequence,
        )
        for row in payload.rows
        if row.state
    } == {
        1: (("vinh",), 3, 9),
        2: (("ward", "vinh"), 2, 5),
        3: ((), 0, 0),
    }


async def test_receipts_only_move_forward(harness: Harness) -> None:
    await harness.opened()
    frames = []
    for day in range(1, 4):
        await harness.feed.change(STREAM, rain(day, day))
        frames.append(await harness.sealed())
    assert await harness.acknowledged(frames[1]) == position_of(frames[1])
    assert await harness.acknowledged(frames[0]) == position_of(frames[1])
    assert await harness.acknowledged(frames[1]) == position_of(frames[1])
    positions = await harness.outbox.positions(STREAM)
    assert positions.acknowledged == position_of(frames[1])
    assert positions.sealed == position_of(frames[2])
    assert positions.acknowledged_at == harness.clock.now()
    assert positions.receipt is not None


@pytest.mark.parametrize(
    "wrong", ["key", "stream", "ahead", "head", "head of the acknowledged"]
)
async def test_a_receipt_that_cannot_be_true_changes_nothing(
    harness: Harness, wrong: str
) -> None:
    await harness.opened()
    await harness.feed.change(STREAM, rain(1))
    frame = await harness.sealed()
    position = position_of(frame)
    receipt = harness.parent.receipt(position)
    match wrong:
        case "key":
            receipt = Parent().receipt(position)
        case "stream":
            receipt = harness.parent.receipt(position, OTHER)
        case "ahead":
            receipt = harness.parent.receipt(dataclasses.replace(position, sequence=2))
        case "head of the acknowledged":
            await harness.acknowledged(frame)
    if wrong.startswith("head"):
        receipt = harness.parent.receipt(dataclasses.replace(position, head=b"x" * 32))
    before = await harness.outbox.positions(STREAM)
    with pytest.raises(FederationError) as raised:
        await harness.outbox.acknowledge(STREAM, receipt, harness.parent.verifier)
    assert raised.value.code is ErrorCode.WIRE
    assert await harness.outbox.positions(STREAM) == before


async def test_sending_resumes_at_any_cursor_of_the_chain(harness: Harness) -> None:
    await harness.opened()
    start = (await harness.outbox.positions(STREAM)).start
    cursors = [start]
    for day in range(1, 4):
        await harness.feed.change(STREAM, rain(day, day))
        cursors.append(position_of(await harness.sealed()))
    for cursor in cursors:
        assert await harness.outbox.can_resume(STREAM, cursor)
    ahead = ChainPosition(epoch=1, sequence=4, head=b"y" * 32)
    foreign = dataclasses.replace(cursors[2], head=b"x" * 32)
    for cursor in (START, ahead, foreign):
        assert not await harness.outbox.can_resume(STREAM, cursor)
    common = await harness.outbox.newest_common(
        STREAM, [ahead, foreign, cursors[1], start]
    )
    assert common == cursors[1]
    assert await harness.outbox.newest_common(STREAM, [ahead, foreign]) == START


async def test_a_new_epoch_sends_everything_after_the_common_frame_again(
    harness: Harness,
) -> None:
    await harness.opened()
    frames = []
    for day in range(1, 5):
        await harness.feed.change(STREAM, rain(day, day))
        frames.append(await harness.sealed())
    common, head = position_of(frames[1]), b"p" * 32
    grant = harness.parent.grant(7, head=head, common=common)
    opened = await harness.outbox.open_epoch(STREAM, grant, harness.parent.verifier)
    assert opened.sealed == ChainPosition(epoch=7, sequence=0, head=head)
    assert opened.acknowledged == opened.start == opened.sealed
    assert opened.highest_epoch == 7
    assert not await harness.outbox.can_resume(STREAM, common)
    frame = await harness.sealed()
    assert (frame.epoch, frame.sequence, frame.previous_head) == (7, 1, head)
    payload = read_payload(frame.body)
    assert sorted(row.state.value for row in payload.rows if row.state) == [3, 4]


@pytest.mark.parametrize("wrong", ["key", "used", "common", "stream", "start"])
async def test_an_epoch_that_was_not_granted_is_not_opened(
    harness: Harness, wrong: str
) -> None:
    await harness.opened(epoch=2)
    await harness.feed.change(STREAM, rain(1))
    await harness.sealed()
    grant = harness.parent.grant(3)
    match wrong:
        case "key":
            grant = Parent().grant(3)
        case "used":
            grant = harness.parent.grant(2)
        case "common":
            unknown = ChainPosition(epoch=2, sequence=1, head=b"x" * 32)
            grant = harness.parent.grant(3, common=unknown)
        case "stream":
            grant = harness.parent.grant(3, stream=OTHER)
        case "start":
            grant.start.epoch = 4
    before = await harness.outbox.positions(STREAM)
    with pytest.raises(FederationError):
        await harness.outbox.open_epoch(STREAM, grant, harness.parent.verifier)
    assert await harness.outbox.positions(STREAM) == before
    assert (await harness.outbox.stats(STREAM)).pending_rows == 0


async def test_acknowledged_frames_go_after_their_time_and_others_stay(
    harness: Harness,
) -> None:
    await harness.opened()
    frames = []
    for day in range(1, 4):
        await harness.feed.change(STREAM, rain(day, day))
        frames.append(await harness.sealed())
    await harness.acknowledged(frames[1])
    assert await harness.outbox.prune() == 0
    harness.clock.advance(timedelta(days=36))
    assert await harness.outbox.prune() == 2
    assert await harness.outbox.prune() == 0
    stats = await harness.outbox.stats(STREAM)
    assert (stats.frames, stats.frame_bytes) == (1, frames[2].size_bytes)
    assert await harness.outbox.can_resume(STREAM, position_of(frames[1]))
    assert not await harness.outbox.can_resume(STREAM, position_of(frames[0]))


async def test_stats_tell_how_much_is_owed_and_since_when(harness: Harness) -> None:
    await harness.opened()
    await harness.feed.change(STREAM, rain(1))
    since = harness.clock.now()
    harness.clock.advance(timedelta(minutes=5))
    await harness.feed.change(STREAM, rain(2, 2))
    stats = await harness.outbox.stats(STREAM)
    assert (stats.pending_rows, stats.oldest_pending_at) == (2, since)
    await harness.drained()
    stats = await harness.outbox.stats(STREAM)
    assert (stats.pending_rows, stats.oldest_pending_at) == (0, None)
    assert stats.positions.sealed.sequence == stats.frames


async def test_watchers_are_woken_by_a_change(harness: Harness) -> None:
    await harness.opened()
    woken: asyncio.Queue[str | None] = asyncio.Queue()
    async with harness.outbox.watching(woken.put_nowait):
        await harness.feed.change(STREAM, rain(1))
        async with asyncio.timeout(10):
            while await woken.get() is None:
                await harness.feed.change(STREAM, rain(woken.qsize() + 2))
