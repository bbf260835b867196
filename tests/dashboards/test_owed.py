"""Who owes what: the silent first, by state, each with its agency and deadline."""

import msgspec
import pytest

from tests.dashboards.detailed import INVESTMENT_ID, obligations
from tests.dashboards.reading import rows_of, words_of

PAGE = {"path": "/phai-bao-cao"}


def test_the_longest_silent_stand_first_and_say_since_when(page_of):
    rows = rows_of(page_of("province", **PAGE).run(), 'id="ioc-owed"')
    assert len(rows) == 6
    assert "Im lặng từ 05/03/2025 17:00 Đầu tư công thực hiện Tỉnh Nghệ An" in rows[0]
    assert "Im lặng từ 05/08/2026 17:00 Vi phạm" in rows[1]
    assert "Xã Quảng Châu Sở Nông nghiệp và Môi trường" in rows[1]
    assert rows[-1].startswith("Chưa kết nối")


def test_every_state_is_counted_in_words(page_of):
    drawn = words_of(page_of("province", **PAGE).run())
    for words in (
        "Đang có hiệu lực 6",
        "Im lặng 2",
        "Đang gia hạn 1",
        "Chưa đến hạn 1",
        "Đã gửi đủ 1",
        "Chưa kết nối 1",
        "Đã hết nghĩa vụ 1",
    ):
        assert words in drawn


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"tinh_trang": "overdue"}, 2),
        ({"tinh_trang": "not_connected"}, 1),
        ({"ma": INVESTMENT_ID}, 1),
        ({"dv": "17443@2025-07-01"}, 1),
        ({"tinh_trang": "ended"}, 1),
        ({"tinh_trang": "what"}, 6),
    ],
)
def test_the_address_narrows_the_list(page_of, query, count):
    drawn = page_of("province", **PAGE, **query).run()
    assert len(rows_of(drawn, 'id="ioc-owed"')) == count


def test_a_state_nobody_is_in_says_so(page_of):
    drawn = page_of("province", **PAGE, ma=INVESTMENT_ID, tinh_trang="due").run()
    assert "Không có nghĩa vụ nào ở tình trạng này." in words_of(drawn)


def test_a_long_list_has_pages(page_of, tier_of):
    page = page_of("province", **PAGE, trang="3")
    one = obligations()[0]
    tier_of("province").obligations = [
        msgspec.structs.replace(one, locality=f"p{number}") for number in range(230)
    ]
    drawn = page.run()
    assert len(rows_of(drawn, 'id="ioc-owed"')) == 30
    assert "Trang 3/3" in words_of(drawn)
    assert "trang=2" in drawn


def test_nobody_owing_anything_is_told(page_of, tier_of):
    page = page_of("province", **PAGE)
    tier_of("province").empty = True
    assert "Chưa có nghĩa vụ báo cáo nào" in words_of(page.run())


def test_each_line_leads_to_its_indicator(page_of):
    drawn = page_of("province", **PAGE).run()
    assert f"/chi-tieu?lang=vi&amp;ma={INVESTMENT_ID}&amp;dv=40" in drawn
