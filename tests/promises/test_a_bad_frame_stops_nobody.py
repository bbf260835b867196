"""A genuine frame that can't be kept is set aside with its reason; others go on."""

import asyncio
import random
import string
from dataclasses import replace
from datetime import date

import pytest

from federation.localities.graph import LocalityGraph
from federation.model.locality import Locality, Member
from federation.model.period import Calendar, Frequency, Period, Window
from federation.model.row import SeriesKey
from federation.model.status import Counts
from federation.wire.payload import (
    Agency,
    AnnouncedSource,
    CompleteThrough,
    Obligation,
    Payload,
    WithheldSeries,
)
from federation.wire.refusal import RefusalCode
from province_hub.projector import projector as module
from province_hub.projector.progress import read_progress
from tests.integration.test_projector import (
    FIRST,
    FOUND,
    MAY,
    TEXT,
    WARD,
    Hub,
    hub,
    series,
    transaction,
    wire,
)

__all__ = ["hub"]

_DRAWN = random.Random(7)


def _noise(length: int) -> str:
    """Return text that no index can pack."""
    return "".join(_DRAWN.choices(string.ascii_letters, k=length))


_ODD = replace(FOUND, calendar="odd")
_NO_WINDOW = Window(
    frequency=Frequency.MONTH, start=MAY.start, first_day=date.min, end_day=date.min
)
_FAR = Period(frequency=Frequency.MONTH, start=2**62)
BAD: dict[str, Payload] = {
    "counts beyond the column": replace(
        FIRST,
        rows=(
            wire(
                counts=Counts(
                    statuses=(1,) + (0,) * 9, provenances=(2**32 - 1, 0, 0, 0)
                )
            ),
        ),
    ),
    "status without its value": replace(
        FIRST,
        rows=(wire(counts=Counts(statuses=(0,) * 9 + (1,), provenances=(0,) * 4)),),
    ),
    "breakdown too long to index": replace(
        FIRST, series=(series(1, breakdown="feed=" + _noise(4000)),)
    ),
    "agency too long to index": replace(
        FIRST, series=(series(1, agency=_noise(4000)),)
    ),
    "indicator too long to index": Payload(
        indicators=(replace(FOUND, id=_noise(4000)),)
    ),
    "source too long to index": Payload(
        sources=(AnnouncedSource(number=1, id=_noise(20_000), name=TEXT),)
    ),
    "agency name too long": Payload(agencies=(Agency(id=_noise(9_000), name=TEXT),)),
    "place too long to index": Payload(
        localities=(
            Locality(
                id=_noise(4000),
                code="x",
                name_vi="x",
                name_en="x",
                level="village",
                parent=WARD,
            ),
        )
    ),
    "complete through no date": Payload(
        complete_through=(CompleteThrough(calendar="vn", period=_FAR),)
    ),
    "calendar too long to index": Payload(
        calendars=(
            Calendar(id=_noise(9000), name_vi="x", name_en="x", time_zone="UTC"),
        )
    ),
    "obligation too long to index": Payload(
        obligations=(
            Obligation(indicator=_noise(9000), locality=WARD, agency="", from_day=1),
        )
    ),
    "withheld too long to index": Payload(
        withheld=(
            WithheldSeries(
                key=SeriesKey(indicator="x", locality=WARD, agency=_noise(9000)),
                ground="x",
            ),
        )
    ),
    "window without a day": Payload(
        calendars=(
            Calendar(
                id="odd",
                name_vi="x",
                name_en="x",
                time_zone="UTC",
                windows=(_NO_WINDOW,),
            ),
        ),
        indicators=(_ODD,),
        series=(series(1, contract_hash=_ODD.contract_hash),),
        rows=(wire(),),
    ),
    "learned after the last year": replace(FIRST, rows=(wire(recorded_at_us=2**62),)),
    "due after the last year": Payload(
        indicators=(replace(FOUND, deadline_hours=2**32 - 1),)
    ),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_frame_stops_neither_its_stream_nor_others(
    hub: Hub, name: str
) -> None:
    await hub.commit(BAD[name])
    await hub.commit(FIRST)
    other = replace(FIRST, series=(series(1, "17443@2025-07-01"),))
    await hub.commit(other, "17443")
    await hub.projector().run_until_done()
    assert await hub.state() == {WARD: 5, "17443@2025-07-01": 5}
    assert await hub.codes() == [RefusalCode.ROWS_INVALID]
    async with transaction(hub.pool) as connection:
        assert await read_progress(connection) == []


async def test_a_frame_that_nothing_foresaw_is_set_aside_too(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "unsound", lambda _payload: "")
    await hub.commit(replace(FIRST, rows=()))
    await hub.commit(BAD["source too long to index"])
    await hub.commit(Payload(rows=(wire(),)))
    assert await hub.projector().run_until_done() == 3
    assert await hub.state() == {WARD: 5}
    (letter,) = await hub.letters()
    assert (letter.sequence, letter.code) == (2, RefusalCode.ROWS_INVALID)


async def test_a_broken_database_sets_no_frame_aside(hub: Hub) -> None:
    await hub.commit(FIRST)
    async with transaction(hub.pool) as connection:
        await connection.execute("ALTER TABLE value RENAME TO gone")
    with pytest.raises(module.StorageError):
        await hub.projector().run_until_done()
    assert await hub.letters() == []
    async with transaction(hub.pool) as connection:
        await connection.execute("ALTER TABLE gone RENAME TO value")
    await hub.projector().run_until_done()
    assert await hub.state() == {WARD: 5}


async def test_a_place_that_is_a_part_of_itself_ends_no_search() -> None:
    def place(id_: str, level: str, parent: str, *members: str) -> Locality:
        return Locality(
            id=id_,
            code=id_,
            name_vi="x",
            name_en="x",
            level=level,
            parent=parent,
            members=tuple(Member(locality=one) for one in members),
        )

    graph = LocalityGraph(
        [
            place("loop", "area", "40", "loop", "a", "b"),
            place("a", "district", "b"),
            place("b", "district", "a"),
            place("c", "commune", "b"),
        ]
    )
    async with asyncio.timeout(5):
        found = await asyncio.to_thread(
            graph.units, "loop", "commune", date(2026, 1, 1)
        )
    assert found == {"c"}
