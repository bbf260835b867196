"""The overview keeps the contract of a tile, at every tier and in both languages."""

from datetime import timedelta

import msgspec
import pytest

from dashboard.components.figures import deltas
from dashboard.components.judgement import order_of
from dashboard.text import texts
from tests.dashboards.conftest import LEVELS, TOKEN
from tests.dashboards.contracts import INDICATORS
from tests.dashboards.figures import children, overview, text, tile
from tests.dashboards.reading import words_of


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("level", LEVELS)
def test_every_tier_shows_its_page_in_both_languages(page_of, level, lang):
    page = page_of(level, lang=lang).run()
    name = overview(level).locality.name
    assert f"<h1>{name.vi if lang == 'vi' else name.en}</h1>" in page
    assert page.count("<article") == 9
    assert ("Cần chú ý trước" if lang == "vi" else "Needs attention first") in page


def test_a_tile_says_value_unit_state_age_coverage_and_origin(page_of):
    page = words_of(page_of("province").run())
    assert "572,5 tỷ đồng" in page
    assert "Số liệu tháng 01/2025 · 22 tháng trước" in page
    assert "−54,7 % so với tháng trước" in page
    assert "Chưa có số liệu từ tháng 01/2025" in page
    assert "Đủ 2/2 đơn vị" in page
    assert "Mới có 11/130 đơn vị" in page
    for word in (
        "Không đạt",
        "Dữ liệu cũ",
        "Từ tệp",
        "Thu tự động",
        "Ước tính",
        "Sơ bộ",
    ):
        assert word in page


def test_the_worst_stands_first(page_of):
    page = words_of(page_of("province").run())
    attention = page.index("Cần chú ý trước")
    assert attention < page.index("Đầu tư công so kế hoạch : 5,7 %")
    assert page.index("Không đạt", attention) < page.index("Dữ liệu cũ", attention) + 40


def test_who_is_missing_is_told_by_name(page_of):
    page = words_of(page_of("province").run())
    assert "Xã Quảng Châu, Phường Vinh Hưng, 99999 và 116 đơn vị" in page


def test_simulated_figures_stand_apart_and_say_so(page_of):
    page = page_of("province").run()
    real, made_up = page.split('aria-labelledby="ioc-simulated"', 1)
    assert "Vi phạm môi trường phát hiện" not in real
    tile_html = made_up[: made_up.index("</article>")]
    assert "ioc-made-up" in tile_html
    assert tile_html.count("Mô phỏng") >= 2
    assert "Không phải số thật" in made_up
    row = made_up[made_up.index("Xã Nam Đàn") :]
    shown = words_of(row[: row.index("</tr>")])
    assert "12,9" in shown
    assert "2 thật 1 mô phỏng" in shown


def test_a_place_with_nothing_real_shows_no_period_of_a_simulated_figure(
    page_of, tier_of
):
    page = page_of("province")
    made = overview("province")
    made.places[0].real_count = 0
    made.places[0].last_period = "2026-11-21"
    made.places[0].values = {"environment.pm25_modelled": None}
    tier_of("province").overview = made
    drawn = page.run()
    table = drawn[drawn.index("ioc-table") :]
    row = words_of(table[table.index("Phường Trường Vinh") :].split("</tr>")[0])
    assert "21/11/2026" not in row
    assert "Không có số thật 1 mô phỏng" in row


def test_a_stale_red_is_shown_as_stale_with_its_last_state(page_of, tier_of):
    page = page_of("province")
    made = overview("province")
    made.tiles[0].freshness = "stale"
    tier_of("province").overview = made
    drawn = page.run()
    first = drawn[drawn.index("<article") : drawn.index("</article>")]
    assert "ioc-is-stale" in first
    assert "ioc-is-bad" not in first
    assert "Khi đó: Không đạt" in first


def test_missing_is_never_shown_as_zero(page_of, tier_of):
    page = page_of("province")
    made = overview("province")
    made.tiles = [
        tile(
            "socio_economic.fdi_new",
            "2025-01",
            None,
            judgement="none",
            freshness="silent",
            status="missing",
            reported=0,
            locality="40",
            locality_name=text("Tỉnh Nghệ An", "Nghệ An"),
        )
    ]
    tier_of("province").overview = made
    drawn = page.run()
    first = drawn[drawn.index("<article") : drawn.index("</article>")]
    assert "Thiếu số liệu" in first
    assert "ioc-value" not in first


def test_one_period_draws_no_line(page_of):
    page = page_of("province").run()
    start = page.index("FDI điều chỉnh</h3>")
    assert "ioc-spark" not in page[start : page.index("</article>", start)]


def test_localities_without_connection_are_counted_not_zeroed(page_of):
    page = words_of(page_of("province").run())
    assert "124 đơn vị chưa kết nối: chưa biết số liệu, không tính là 0." in page


def test_an_empty_tier_says_what_will_happen(page_of, tier_of):
    page = page_of("city")
    tier_of("city").empty = True
    assert "Chưa có số liệu nào" in page.run()


@pytest.mark.parametrize(
    ("lang", "told", "denied"),
    [
        (
            "vi",
            "Đã nhận số liệu từ 2 luồng cấp dưới: Các sở, ngành tỉnh Nghệ An; "
            "{vinh}. Chưa có số liệu nào thuộc trang tổng quan của riêng cấp này. "
            "Tiến độ từng luồng có ở mục “Liên thông dữ liệu” bên dưới.",
            "Chưa có đơn vị nào gửi số liệu",
        ),
        (
            "en",
            "Figures have been received from 2 streams below: "
            "Departments of Nghệ An; {vinh}. None of them belongs to this tier's own "
            "overview yet. See “Federation” below for how far each stream got.",
            "No unit has sent figures",
        ),
    ],
)
def test_a_tier_without_tiles_says_which_streams_below_have_delivered(
    page_of, tier_of, lang, told, denied
):
    page = page_of("province", lang=lang)
    tier = tier_of("province")
    tier.empty = True
    tier.children = children()
    tier.children.items[1].projected = 0
    tier.children.items[2].high_watermark = tier.children.items[2].projected = 0
    vinh = getattr(tier.children.items[0].area_name, lang)
    shown = words_of(page.run())
    assert told.format(vinh=vinh) in shown
    assert denied not in shown


def test_a_tier_whose_children_have_brought_nothing_says_that_nothing_came(
    page_of, tier_of
):
    page = page_of("province")
    tier = tier_of("province")
    tier.empty = True
    tier.children = children()
    for child in tier.children.items:
        child.high_watermark = child.projected = 0
    assert "Chưa có đơn vị nào gửi số liệu đến cấp này." in words_of(page.run())


@pytest.mark.parametrize(
    ("lang", "made_up", "on_time"),
    [
        ("vi", "Chỉ có mô phỏng", "Gửi đúng hạn"),
        ("en", "Simulated only", "On time"),
    ],
)
def test_a_place_with_simulated_figures_only_is_not_counted_as_on_time(
    page_of, tier_of, lang, made_up, on_time
):
    assert made_up not in page_of("province", lang=lang).run()
    page = page_of("province", lang=lang)
    made = overview("province")
    made.places[0].real_count = 0
    tier_of("province").overview = made
    drawn = page.run()
    section = drawn[drawn.index('aria-labelledby="ioc-places"') :]
    assert f"4 {on_time} 1 {made_up}" in words_of(section)
    assert 'class="ioc-fill-simulated"' in section
    row = section[section.index("Phường Trường Vinh") :].split("</tr>")[0]
    assert "ioc-chip ioc-simulated" in row
    assert made_up in words_of(row)
    assert on_time not in words_of(row)


def test_names_from_below_carry_no_markup(page_of, tier_of):
    page = page_of("province")
    made = overview("province")
    made.places[0].name = text("<img src=x onerror=alert(1)>", "x")
    tier_of("province").overview = made
    assert "<img src=x" not in page.run()


def test_when_the_tier_is_away_the_last_figures_stay_with_their_age(
    page_of, tier_of, clock
):
    page = page_of("province")
    assert "ioc-banner" not in page.run()
    tier_of("province").down = True
    clock.advance(timedelta(minutes=7))
    drawn = page.run()
    assert "ioc-banner" in drawn
    assert "Đang hiện số liệu đọc được lúc 22/11/2026 10:05:10 (7 phút trước)" in drawn
    assert "572,5" in drawn
    tier_of("province").down = False
    clock.advance(timedelta(minutes=1))
    assert "ioc-banner" not in page.run()


def test_when_the_tier_was_never_there_the_page_says_so(page_of, tier_of):
    page = page_of("province")
    tier_of("province").down = True
    drawn = page.run()
    assert "Chưa lấy được số liệu" in drawn
    assert "<article" not in drawn


def test_a_token_the_tier_no_longer_knows_sees_nothing(page_of, tier_of, clock):
    page = page_of("province")
    assert "572,5" in page.run()
    tier_of("province").tokens = set()
    clock.advance(timedelta(minutes=1))
    drawn = page.run()
    assert "Phiên đăng nhập đã hết hạn" in drawn
    assert "572,5" not in drawn
    tier_of("province").down = True
    assert "572,5" not in page.run()


def test_one_visitor_never_gets_what_was_read_for_another(page_of):
    page = page_of("province")
    page.run()
    site = page.site
    site.sessions.remember(TOKEN, username="admin", scope="all")
    stranger = site.sessions.visitor("another")
    assert stranger.scope != "all"
    with pytest.raises(Exception, match="signed_out"):
        site.readings.overview(stranger, "another")


def test_without_a_cookie_the_page_shows_only_the_way_in(page_of):
    drawn = page_of("province", token="").run()
    assert "/dang-nhap?lang=vi" in drawn
    assert "<article" not in drawn


def test_a_tier_with_nothing_below_says_so_and_is_not_broken(page_of):
    page = words_of(page_of("city").run())
    assert "Cấp này không nhận từ cấp dưới nào." in page
    assert "cấp trên đã xác nhận đến 22/11/2026 10:05" in page


@pytest.mark.parametrize(
    ("now", "before", "size"),
    [
        ("5.685", "5.700", "−0,015\u00a0điểm %"),
        ("5.685", "95.113", "−89,4\u00a0điểm %"),
        ("5.685", "5.685", "Không đổi"),
    ],
)
def test_a_change_is_told_without_needless_digits(now, before, size):
    here = {"locality": "40", "locality_name": text("Nghệ An", "Nghệ An")}
    name = "socio_economic.investment_against_plan"
    seen = tile(name, "2026-10", now, year_ago=before, **here)
    contract = msgspec.structs.replace(INDICATORS[name], decimals=3)
    assert deltas(seen, contract, texts("vi"))[0].size == size


HERE = {"locality": "40", "locality_name": text("Nghệ An", "Nghệ An")}


def told(seen, **changed):
    contract = msgspec.structs.replace(INDICATORS[seen.indicator], **changed)
    return [(d.size, d.against, d.tone) for d in deltas(seen, contract, texts("vi"))]


def test_a_rate_counted_from_january_is_compared_with_the_year_before_only():
    seen = tile(
        "socio_economic.investment_against_plan",
        "2026-01",
        "5.7",
        freshness="fresh",
        previous="95.1",
        year_ago="5.1",
        **HERE,
    )
    assert told(seen) == [("+0,6\u00a0điểm %", "so với cùng kỳ", "good")]


def test_a_month_is_judged_by_the_year_before_and_a_day_by_the_day_before():
    month = tile(
        "socio_economic.investment_realised",
        "2026-01",
        "110",
        freshness="fresh",
        previous="200",
        year_ago="100",
        **HERE,
    )
    assert [tone for _, _, tone in told(month)] == ["good", "neutral"]
    day = tile(
        "environment.pm25_24h",
        "2026-11-21",
        "30",
        freshness="fresh",
        previous="20",
        year_ago="40",
        **HERE,
    )
    assert [tone for _, _, tone in told(day)] == ["poor", "neutral"]


def test_a_stale_figure_is_neither_better_nor_worse():
    seen = tile("environment.pm25_24h", "2026-05-21", "30", previous="20", **HERE)
    assert [tone for _, _, tone in told(seen)] == ["neutral"]


def test_a_small_count_changes_by_cases_not_by_a_share():
    name = "environment.violations_found"
    few = tile(name, "2026-11-21", "12", freshness="fresh", previous="7", **HERE)
    assert told(few)[0][0] == "+5\u00a0vụ"
    many = tile(name, "2026-11-21", "1200", freshness="fresh", previous="1000", **HERE)
    assert told(many)[0][0] == "+20,0\u00a0%"


def test_of_one_severity_the_current_and_the_later_stand_first():
    def placed(judgement, freshness, period):
        return tile(
            "socio_economic.investment_realised",
            period,
            "1",
            judgement=judgement,
            freshness=freshness,
            **HERE,
        )

    wanted = [
        placed("bad", "fresh", "2026-10"),
        placed("bad", "stale", "2025-01"),
        placed("watch", "fresh", "2026-10"),
        placed("unjudged", "fresh", "2026-09"),
        placed("unjudged", "stale", "2025-01"),
        placed("ok", "stale", "2017-12"),
    ]
    found = wanted[::-1]
    found.sort(key=lambda seen: order_of(seen, INDICATORS[seen.indicator]))
    assert found == wanted


def test_a_large_coverage_is_readable(page_of, tier_of):
    page = page_of("province")
    made = overview("province")
    made.simulated_tiles[0].value.coverage.expected = 3321
    tier_of("province").overview = made
    assert "Mới có 11/3.321 đơn vị" in words_of(page.run())


def test_three_decimals_are_set_smaller_and_lose_no_digit(page_of, tier_of):
    page = page_of("province")
    made = overview("province")
    made.indicators = made.indicators | {
        name: msgspec.structs.replace(contract, decimals=3)
        for name, contract in made.indicators.items()
        if name == "socio_economic.investment_realised"
    }
    tier_of("province").overview = made
    drawn = page.run()
    assert '572<span class="ioc-fraction">,512</span>' in drawn
    assert "572,512\u00a0tỷ đồng" in drawn


def test_what_is_missing_is_told_once_for_an_indicator_with_its_stations(
    page_of, tier_of
):
    page = page_of("city")
    made = overview("city")
    for station in ("Trường Thi", "Vinh"):
        made.tiles.append(
            tile(
                "environment.pm25_24h",
                "2026-05-21",
                "20",
                breakdown=f"station={station}",
                last_missing="2026-05-22",
                locality="vinh",
                locality_name=made.locality.name,
            )
        )
    tier_of("city").overview = made
    assert (
        "Bụi mịn PM2.5 tại trạm – Trường Thi, Vinh : "
        "chưa có số liệu từ ngày 22/05/2026 đến nay"
    ) in words_of(page.run())
