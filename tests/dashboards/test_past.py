"""A page of the past says so, asks the tier for that moment, and leads back."""

from datetime import timedelta

import pytest

from dashboard.addresses import moment_asked
from tests.dashboards.conftest import TOKEN
from tests.dashboards.reading import words_of

THEN = "2026-01-15T08:00"
DETAIL = {
    "path": "/chi-tieu",
    "ma": "socio_economic.investment_realised",
    "dv": "40",
}


@pytest.mark.parametrize("asked", [{}, DETAIL])
def test_a_page_of_the_past_says_of_when_it_is_and_how_exactly(page_of, asked):
    drawn = page_of("province", luc=THEN, **asked).run()
    band = "Số liệu như đã biết lúc 15/01/2026 08:00 (độ phân giải: theo giờ)"
    assert band in words_of(drawn)
    assert "Về số liệu hiện nay" in drawn


def test_every_call_about_values_is_of_that_moment(page_of, tiers):
    page_of("province", luc=THEN, **DETAIL).run()
    queries = tiers["province"].queries
    about = [query for query in queries if query.startswith(("values", "window"))]
    assert len(about) >= 4
    assert all("as_of=2026-01-15T08%3A00%3A00%2B07%3A00" in one for one in about)


def test_ages_are_those_of_then(page_of):
    drawn = words_of(page_of("province", luc=THEN).run())
    assert "Số liệu tháng 01/2025 · 12 tháng trước" in drawn


def test_what_is_known_of_the_present_only_is_left_out(page_of):
    drawn = words_of(page_of("province", luc=THEN).run())
    assert "Liên thông dữ liệu" not in drawn
    assert "Im lặng từ" not in drawn
    present = words_of(page_of("province").run())
    assert "Liên thông dữ liệu" in present
    assert "Số liệu như đã biết" not in present


def test_links_to_details_keep_the_moment(page_of):
    drawn = page_of("province", luc=THEN).run()
    assert "luc=2026-01-15T08%3A00" in drawn


@pytest.mark.parametrize("asked", [{}, DETAIL])
def test_no_moment_is_told_and_the_present_is_not_shown_for_it(page_of, asked):
    drawn = words_of(page_of("province", luc="hôm qua", **asked).run())
    assert "“hôm qua” không phải là một thời điểm" in drawn
    assert "572,5" not in drawn


def test_a_moment_to_come_is_refused_in_the_tiers_words(page_of):
    drawn = words_of(page_of("province", luc="2027-01-01T08:00").run())
    assert "Thời điểm này chưa đến." in drawn
    assert "Về số liệu hiện nay" in drawn


def test_an_answer_of_one_moment_is_never_served_for_another(page_of, clock):
    site = page_of("province").site
    site.sessions.remember(TOKEN, username="admin", scope="all")
    visitor = site.sessions.visitor(TOKEN)
    then, later = (moment_asked(f"2026-01-{day}T08:00") for day in (15, 16))
    first = site.readings.overview(visitor, TOKEN, as_of=then).content
    second = site.readings.overview(visitor, TOKEN, as_of=later).content
    now = site.readings.overview(visitor, TOKEN).content
    assert first.overview.as_of == "2026-01-15T08:00:00+07:00"
    assert second.overview.as_of == "2026-01-16T08:00:00+07:00"
    assert now.overview.as_of is None
    clock.advance(timedelta(seconds=1))
    assert site.readings.overview(visitor, TOKEN, as_of=then).content is first


def test_a_moment_without_an_offset_is_of_vietnam():
    moment = moment_asked("2026-01-15T08:00")
    assert moment is not None
    assert moment.isoformat() == "2026-01-15T08:00:00+07:00"
