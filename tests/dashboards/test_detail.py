"""The page of an indicator: its series, its revisions, its rules, its refusals."""

import pytest

from tests.dashboards.detailed import INVESTMENT_ID
from tests.dashboards.reading import rows_of, words_of


def asked(**others):
    return {"path": "/chi-tieu", "ma": INVESTMENT_ID, "dv": "40"} | others


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_page_names_the_indicator_and_the_place(page_of, lang):
    drawn = page_of("province", lang=lang, **asked()).run()
    name = {
        "vi": "Vốn đầu tư thực hiện từ ngân sách nhà nước",
        "en": "Investment realised from the state budget",
    }[lang]
    assert f"<h1>{name}</h1>" in drawn
    place = {"vi": "Tỉnh Nghệ An", "en": "Nghệ An Province"}[lang]
    assert f'<p class="ioc-sub">{place}</p>' in drawn


def test_both_statements_stand_side_by_side_with_their_difference(page_of):
    drawn = page_of("province", **asked()).run()
    newest = rows_of(drawn, 'id="ioc-series"')[0]
    assert "Tháng 01/2025 572,5 tỷ đồng 560,1 tỷ đồng 12,4 tỷ đồng" in newest
    assert "không bao giờ cộng với nhau" in words_of(drawn)


def test_a_period_of_which_nothing_was_said_is_a_line_of_its_own(page_of):
    rows = rows_of(page_of("province", **asked()).run(), 'id="ioc-series"')
    assert len(rows) == 13
    assert "Tháng 06/2024 Thiếu số liệu" in rows[7]


def test_revisions_say_when_who_from_what_and_what_changed(page_of):
    rows = rows_of(page_of("province", **asked()).run(), 'id="ioc-revisions"')
    assert len(rows) == 2
    newest, first = rows
    assert "22/11/2026 09:58:31 Đang dùng" in newest
    assert "Giá trị +12,5 tỷ đồng" in newest
    assert "Tình trạng: ước tính → chính thức" in newest
    assert "Sở Tài chính nghe-an-departments, lượt 1, gói 14" in newest
    assert "2025-01_tables.xlsx" in newest
    assert "20/01/2025 08:00:00 560,0 tỷ đồng Lần đầu" in first


def test_another_period_is_chosen_by_the_address(page_of):
    drawn = words_of(page_of("province", **asked(ky="2024-11")).run())
    assert "Số liệu tháng 11/2024" in drawn
    assert "Các lần ghi nhận, tháng 11/2024" in drawn


def test_a_period_without_a_value_is_told(page_of):
    drawn = words_of(page_of("province", **asked(ky="2024-06")).run())
    assert "Chưa có giá trị nào cho kỳ Tháng 06/2024" in drawn


def test_the_year_to_date_is_shown_with_its_days(page_of):
    drawn = words_of(page_of("province", **asked()).run())
    assert "Lũy kế từ đầu năm 572,5 tỷ đồng Từ 01/01/2025 đến hết 31/01/2025" in drawn


def test_what_must_not_be_merged_gives_the_reason_without_codes(page_of):
    drawn = words_of(page_of("province", **asked(ma="socio_economic.fdi_new")).run())
    reason = "FDI đăng ký mới là số do nơi khác công bố, không tính lại được"
    assert f"Gộp theo thời gian {reason}" in drawn
    assert f"Gộp theo địa bàn {reason}" in drawn


def test_the_rules_are_told_in_words(page_of):
    drawn = words_of(page_of("province", **asked()).run())
    for words in (
        "Gộp theo thời gian Cộng các kỳ",
        "Gộp theo địa bàn Cộng các địa bàn",
        "Kỳ báo cáo Hằng tháng",
        "Thời hạn báo cáo 5 ngày sau khi hết kỳ",
        "Cơ quan chủ trì Sở Tài chính",
    ):
        assert words in drawn


def test_the_parts_of_the_period_are_listed(page_of):
    rows = rows_of(page_of("province", **asked()).run(), 'id="ioc-parts"')
    assert rows == ["central 120,5 tỷ đồng Đơn vị báo cáo trực tiếp"]


def test_boundaries_of_today_name_what_cannot_be_apportioned(page_of, tiers):
    drawn = words_of(page_of("province", **asked(ranh_gioi="hom-nay")).run())
    assert "Số liệu cũ chưa phân bổ được Thành phố Vinh cũ (412)" in drawn
    assert "Địa bàn cũ đã chia vào: 16681, Phường Vinh Hưng." in drawn
    assert "2 kỳ (Tháng 01/2024 – Tháng 02/2024) không tính vào đây" in drawn
    values = [one for one in tiers["province"].queries if one.startswith("values?")]
    assert all("boundaries=today" in one for one in values)


def test_who_owes_it_here_and_since_when_nothing_came(page_of):
    drawn = words_of(page_of("province", **asked()).run())
    assert "Im lặng từ 05/03/2025 – Sở Tài chính" in drawn
    assert "Đang chờ: Tháng 02/2025, hạn 05/03/2025 17:00." in drawn


def test_an_indicator_nobody_knows_is_not_found(page_of):
    drawn = words_of(page_of("province", **asked(ma="x.y")).run())
    assert "Không tìm thấy" in drawn


def test_an_address_without_an_indicator_says_what_to_do(page_of):
    drawn = words_of(page_of("province", path="/chi-tieu").run())
    assert "Hãy chọn một chỉ tiêu từ trang tổng quan." in drawn


def test_tiles_lead_to_their_page(page_of):
    drawn = page_of("province").run()
    address = (
        "/chi-tieu?lang=vi&amp;ma=socio_economic.investment_realised&amp;dv=40"
        "&amp;ky=2025-01"
    )
    assert f'href="{address}"' in drawn
