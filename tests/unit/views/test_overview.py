"""What the first page of a tier promises."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from federation.clock import ManualClock
from federation.coverage.absence import Reason
from federation.model.indicator import Basis
from federation.model.row import Row
from federation.model.status import Counts, Provenance, Status
from federation.views.judgement import Freshness, Judgement
from federation.views.overview import Overview, OverviewView
from tests.unit.views.world import (
    AIR,
    FINES,
    INVESTMENT,
    WARDS,
    filled,
    knowledge,
    months,
    reading,
    row,
)

NOW = datetime(2025, 2, 5, 3, 4, 30, tzinfo=UTC)
LATER = datetime(2026, 5, 22, tzinfo=UTC)


async def overview(
    rows: Sequence[Row], *, locality: str = "40", now: datetime = NOW
) -> Overview:
    view = OverviewView(await filled(rows), reading, clock=ManualClock(now))
    return await view.read(locality, knowledge())


def of_status(said: Row, status: Status) -> Row:
    return replace(said, counts=Counts.one(status, Provenance.FILE))


async def test_tile_shows_the_last_value_beside_its_predecessors() -> None:
    values = [700_000] * 11 + [950_000]
    seen = await overview(months(2023, range(1, 13)) + months(2024, values))
    [tile] = seen.tiles
    assert tile.value.row.period.text == "2024-12"
    assert tile.judgement is Judgement.WATCH
    assert tile.freshness is Freshness.FRESH
    assert str(tile.comparison.previous) == "700.000"
    assert str(tile.comparison.year_ago) == "0.012"
    assert str(tile.comparison.change) == "250.000"
    assert tile.age_s == int(
        (NOW.replace(second=0) - datetime(2024, 12, 31, 17, tzinfo=UTC)).total_seconds()
    )
    assert next(point.period.text for point in tile.trend) == "2023-01"
    assert len(tile.trend) == 24


async def test_later_missing_period_is_named_beside_the_last_value() -> None:
    rows = [*months(2024, [1] * 12), row(INVESTMENT, "2025-01", None)]
    [tile] = (await overview(rows)).tiles
    assert tile.value.row.period.text == "2024-12"
    assert tile.last_missing is not None
    assert tile.last_missing.text == "2025-01"
    assert tile.trend[-1].value is None


async def test_a_deleted_newest_value_leaves_the_older_one_and_is_told() -> None:
    deleted = of_status(row(INVESTMENT, "2025-01", None), Status.DELETED)
    [tile] = (await overview([*months(2024, [1] * 12), deleted])).tiles
    assert tile.value.row.period.text == "2024-12"
    assert tile.last_missing is None
    assert (tile.trend[-1].value, tile.trend[-1].status) == (None, Status.DELETED)


async def test_what_was_deleted_as_a_whole_is_no_tile() -> None:
    deleted = of_status(row(INVESTMENT, "2025-01", None), Status.DELETED)
    assert not (await overview([deleted])).tiles


async def test_the_table_of_places_tells_every_kind_of_absence_apart() -> None:
    for status in Status:
        value = 0 if status.carries_state else None
        said = of_status(row(FINES, "2025-01", value, locality=WARDS[0]), status)
        other = row(FINES, "2025-01", 1, locality=WARDS[1])
        beside = row(AIR, "2025-02-03", 1, locality=WARDS[0])
        seen = await overview([said, other, beside], now=LATER)
        [line] = [line for line in seen.places if line.place.id == WARDS[0]]
        assert line.statuses[FINES.id] is status
        assert (line.values[FINES.id] is None) is (value is None)


async def test_gap_is_a_point_without_a_value() -> None:
    rows = [row(INVESTMENT, "2024-09", 1), row(INVESTMENT, "2024-12", 4)]
    [tile] = (await overview(rows)).tiles
    shown = [(p.period.text, p.value is None) for p in tile.trend]
    assert shown == [
        ("2024-09", False),
        ("2024-10", True),
        ("2024-11", True),
        ("2024-12", False),
    ]
    assert tile.comparison.previous is None


async def test_series_that_never_had_a_value_is_silent_and_first() -> None:
    rows = [
        *months(2024, [2_000_000] * 12),
        row(FINES, "2024-12", None, basis=Basis.ROLLED_UP),
    ]
    seen = await overview(rows)
    assert [tile.indicator for tile in seen.tiles] == [FINES, INVESTMENT]
    assert seen.tiles[0].freshness is Freshness.SILENT
    assert seen.tiles[0].judgement is Judgement.NONE


async def test_simulated_figures_stand_apart() -> None:
    rows = [
        row(INVESTMENT, "2024-12", 1),
        row(INVESTMENT, "2024-12", 2, breakdown="feed=simulated"),
    ]
    seen = await overview(rows)
    assert [str(t.value.row.series.breakdown) for t in seen.tiles] == [""]
    assert [t.value.row.series.simulated for t in seen.simulated_tiles] == [True]


async def test_rollup_leads_where_the_indicator_says_so() -> None:
    rows = [
        row(FINES, "2024-12", 1),
        row(FINES, "2024-12", 2, basis=Basis.ROLLED_UP),
    ]
    [tile] = (await overview(rows)).tiles
    assert tile.value.row.series.basis is Basis.ROLLED_UP


async def test_many_parts_without_a_merge_are_in_the_table_only() -> None:
    rows = [row(AIR, "2026-05-21", n, locality=ward) for n, ward in enumerate(WARDS)]
    rows.append(row(AIR, "2026-05-21", None, locality="17443@2025-07-01"))
    seen = await overview(rows, now=LATER)
    assert seen.tiles == ()
    assert seen.place_columns == (AIR.id,)
    assert seen.place_count == 3
    by_place = {line.place.id: line for line in seen.places}
    assert str(by_place[WARDS[1]].values[AIR.id]) == "0.001"
    assert by_place[WARDS[1]].connected
    assert by_place["17443@2025-07-01"].values[AIR.id] is None
    assert by_place["17443@2025-07-01"].missing_count == 1
    assert not by_place["17443@2025-07-01"].connected


async def test_a_place_that_withholds_in_time_is_not_silent() -> None:
    kept = row(AIR, "2026-05-21", None, locality=WARDS[0])
    ward = Counts.one(Status.WITHHELD, Provenance.FILE)
    seen = await overview([replace(kept, counts=ward)], now=LATER)
    [line] = seen.places
    assert line.connected
    assert line.missing_count == 1
    assert line.statuses == {AIR.id: Status.WITHHELD}


async def test_area_shows_stations_and_what_a_former_member_alone_had() -> None:
    rows = [
        row(AIR, "2026-05-21", 1, locality="vinh", breakdown="station=a"),
        row(AIR, "2026-05-21", 2, locality="vinh", breakdown="station=b"),
        *(row(AIR, "2026-05-21", 3, locality=ward) for ward in WARDS),
        row(INVESTMENT, "2017-12", 4, locality="412"),
    ]
    seen = await overview(rows, locality="vinh", now=LATER)
    shown = {(t.indicator.id, t.value.row.series.breakdown) for t in seen.tiles}
    assert shown == {
        (AIR.id, "station=a"),
        (AIR.id, "station=b"),
        (INVESTMENT.id, ""),
    }
    assert [line.place.id for line in seen.places] == list(WARDS)
    above = await overview(rows, locality="40", now=LATER)
    assert {t.value.row.series.locality for t in above.tiles} == {"vinh"}


async def test_incomplete_rollup_names_the_missing_places() -> None:
    whole = row(FINES, "2026-04", 7, basis=Basis.ROLLED_UP)
    rows = [
        replace(whole, expected=3, reported=1),
        row(FINES, "2026-04", 7, locality=WARDS[0]),
        row(FINES, "2026-04", None, locality=WARDS[1]),
    ]
    [tile] = (await overview(rows, now=LATER)).tiles
    assert tile.value.missing == (WARDS[1], "17443@2025-07-01")
    assert {one.locality: one.reason for one in tile.value.absent} == {
        WARDS[1]: Reason.REPORTED_MISSING,
        "17443@2025-07-01": Reason.NOT_CONNECTED,
    }


async def test_part_nothing_is_known_of_is_counted_not_listed() -> None:
    seen = await overview([row(AIR, "2026-05-21", 1, locality=WARDS[0])], now=LATER)
    assert [line.place.id for line in seen.places] == [WARDS[0]]
    assert seen.not_connected_count == 2


async def test_generated_figures_do_not_connect_a_place_with_silent_real_ones() -> None:
    rows = [
        row(AIR, "2025-07-21", 1, locality=WARDS[0]),
        row(AIR, "2026-05-21", 9, locality=WARDS[0], breakdown="feed=simulated"),
    ]
    [line] = (await overview(rows, now=LATER)).places
    assert not line.connected
    assert (line.real_count, line.simulated_count) == (1, 1)
    assert line.last_period is not None
    assert line.last_period.text == "2025-07-21"


async def test_same_minute_gives_the_same_page() -> None:
    rows = months(2024, [1] * 12)
    first = await overview(rows, now=NOW)
    second = await overview(rows, now=NOW.replace(second=59))
    assert first == second
