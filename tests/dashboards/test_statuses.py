"""Zero, no activity and every kind of absence are never taken for one another."""

import msgspec
import pytest

from dashboard.components.headline import absence_word
from dashboard.text import texts
from federation.model.status import Status
from tests.dashboards.detailed import GROUND
from tests.dashboards.kinds import ABSENCES, PLACE_STATES, every_kind
from tests.dashboards.reading import rows_of, tiles_of, words_of

ABSENT = tuple(status.slug for status in Status if not status.carries_state)


@pytest.fixture
def drawn(page_of, tier_of):
    page = page_of("province")
    tier_of("province").overview = every_kind()
    return page.run()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_absence_has_a_word_of_its_own(language):
    words = texts(language)
    told = [absence_word(status, words) for status in ABSENT]
    told += [words("value.no_activity")]
    assert len(set(told)) == len(told) == 6
    assert not {"0", "–", "—", "-", ""} & set(told)


def test_a_tile_says_why_there_is_no_figure(drawn):
    tiles = tiles_of(drawn)
    for words in ABSENCES.values():
        assert len([tile for tile in tiles if words in tile]) == 1, words


def test_a_zero_is_a_number_and_no_activity_a_word(drawn):
    zero = next(tile for tile in tiles_of(drawn) if " 0 vụ" in tile)
    assert "Không phát sinh" not in zero
    none = next(tile for tile in tiles_of(drawn) if "Không phát sinh" in tile)
    assert " 0 vụ" not in none


def test_what_is_withheld_names_its_ground_and_is_not_missing(drawn):
    tile = next(tile for tile in tiles_of(drawn) if "Không chia sẻ" in tile[:80])
    assert f"Căn cứ: {GROUND}" in tile
    assert "Không tính là thiếu" in tile
    attention = words_of(drawn[: drawn.index("<article")])
    assert attention.count("Thiếu số liệu") == 1
    assert "1 Không chia sẻ" in attention


def test_a_deletion_after_the_figure_shown_is_told(drawn):
    tile = next(tile for tile in tiles_of(drawn) if " 7 vụ" in tile)
    assert "Ngày 22/11/2026: đã xóa" in tile


def test_nobody_owing_is_told_as_an_unknown_number(drawn):
    tile = next(tile for tile in tiles_of(drawn) if " 3 vụ" in tile)
    assert "Chưa xác định số phải báo cáo" in tile
    assert "/" not in tile.partition("Chưa xác định")[2].split("Chi tiết")[0]


def test_coverage_counts_what_is_withheld_by_itself(drawn):
    assert "Mới có 127/130 đơn vị · 1 đơn vị không chia sẻ" in words_of(drawn)


def test_a_tile_tells_whether_its_figure_came_in_time(drawn):
    tiles = tiles_of(drawn)
    assert "Đúng hạn" in next(tile for tile in tiles if " 0 vụ" in tile)
    assert "Trễ hạn" in next(tile for tile in tiles if " 7 vụ" in tile)


def test_a_distribution_shows_its_median_and_what_nine_tenths_keep_to(drawn):
    tile = next(tile for tile in tiles_of(drawn) if "Thời gian xử lý" in tile)
    assert "12,5 giờ làm việc 90 % trường hợp không quá 40,0 giờ làm việc" in tile
    assert "Một nửa không quá 12,5" in words_of(drawn)


def test_a_count_of_different_things_is_an_estimate_with_bounds(drawn):
    tile = next(tile for tile in tiles_of(drawn) if "mã độc" in tile)
    assert "≈ 12.345 địa chỉ Số ước lượng" in tile
    assert "Từ 12.100 đến 12.600 (đúng 19 trên 20 lần)" in words_of(drawn)


def test_counters_show_the_most_frequent_and_its_share(drawn):
    tile = next(tile for tile in tiles_of(drawn) if "theo loại" in tile)
    assert "Ổ gà Nhiều nhất: 50 % (120 trong 240 phản ánh)" in tile
    assert "Ổ gà: 120; Rác thải: 80; Khác: 40" in words_of(drawn)


def test_the_table_of_places_tells_them_apart_too(drawn):
    rows = rows_of(drawn, 'class="ioc-table"')
    for number, (_, _, words) in enumerate(PLACE_STATES):
        row = next(row for row in rows if f"Xã số {number} " in row)
        told = row.partition("Gửi đúng hạn ")[2].partition(" Ngày")[0]
        assert told.removesuffix(" Ước tính") == words


def test_silence_names_since_when_and_who_owes(drawn):
    row = next(row for row in rows_of(drawn, 'class="ioc-table"') if "Châu" in row)
    assert "Im lặng từ 05/08/2026 – Sở Nông nghiệp và Môi trường" in row


def test_a_silent_series_says_so_on_its_tile(page_of):
    tiles = tiles_of(page_of("province").run())
    silent = [tile for tile in tiles if "Im lặng từ" in tile]
    assert len(silent) == 1
    assert "572,5" in silent[0]
    assert "Im lặng từ 05/03/2025 – Sở Tài chính" in silent[0]


def test_a_tile_without_any_figure_claims_no_period_of_figures(drawn):
    tile = next(tile for tile in tiles_of(drawn) if "Không thu thập" in tile)
    assert "Mới có một kỳ số liệu" not in tile


def test_an_owner_that_states_no_ground_is_told_so(page_of, tier_of):
    page = page_of("province")
    made = every_kind()
    for tile in made.tiles:
        tile.value = msgspec.structs.replace(tile.value, ground=None)
    tier_of("province").overview = made
    assert "Đơn vị chưa nêu căn cứ pháp lý." in words_of(page.run())
