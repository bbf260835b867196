"""Numbers, periods and ages are written as people here write them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dashboard.formatting import (
    age_text,
    collation_key,
    count_text,
    duration_text,
    following_period,
    moment_text,
    number_text,
    period_text,
)
from dashboard.text import texts

VI, EN = texts("vi"), texts("en")
NOW = datetime(2026, 11, 22, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "decimals", "vi", "en"),
    [
        ("1234567.84", 1, "1.234.567,8", "1,234,567.8"),
        ("1263.197", 3, "1.263,197", "1,263.197"),
        ("97.25", 1, "97,3", "97.3"),
        ("-0.04", 1, "0,0", "0.0"),
        ("-1.25", 1, "−1,3", "−1.3"),
        ("0", 0, "0", "0"),
        ("12345678901234567890.5", 0, "12.345.678.901.234.567.891", None),
    ],
)
def test_a_number_is_written_in_the_form_of_its_language(number, decimals, vi, en):
    assert number_text(Decimal(number), decimals, VI) == vi
    if en:
        assert number_text(Decimal(number), decimals, EN) == en


def test_a_change_of_nothing_has_no_sign():
    assert number_text(Decimal("-0.01"), 1, VI, signed=True) == "0,0"
    assert number_text(Decimal("0.06"), 1, VI, signed=True) == "+0,1"


@pytest.mark.parametrize(
    ("period", "vi", "en"),
    [
        ("2026-11", "Tháng 11/2026", "Nov 2026"),
        ("2026-Q4", "Quý IV/2026", "QIV 2026"),
        ("2026-W47", "Tuần 47/2026", "Week 47/2026"),
        ("2024", "Năm 2024", "2024"),
        ("2024-2025", "Năm học 2024–2025", "School year 2024–2025"),
        ("2026-11-22", "Ngày 22/11/2026", "22 Nov 2026"),
        ("2026-11-22T02Z", "Giờ 22/11/2026 09:00", "Hour of 22 Nov 2026 09:00"),
        ("nonsense", "nonsense", "nonsense"),
    ],
)
def test_a_period_is_written_in_words(period, vi, en):
    assert period_text(period, VI) == vi
    assert period_text(period, EN) == en


def test_a_day_of_the_universal_calendar_says_so():
    assert period_text("2026-05-21", VI, calendar="utc") == "Ngày 21/05/2026 (giờ UTC)"


@pytest.mark.parametrize(
    ("period", "vi"),
    [
        ("2025-01", "22 tháng trước"),
        ("2026-10", "tháng trước"),
        ("2026-11", "tháng này"),
        ("2017-12", "hơn 8 năm trước"),
        ("2017-11", "9 năm trước"),
        ("2026-11-22", "hôm nay"),
        ("2026-11-21", "hôm qua"),
        ("2026-10-01", "52 ngày trước"),
        ("2026-05-21", "6 tháng trước"),
        ("2026-Q3", "quý trước"),
        ("2026-Q4", "quý này"),
        ("2024", "2 năm trước"),
        ("2026-W46", "tuần trước"),
        ("2026-11-22T01Z", "2 giờ trước"),
    ],
)
def test_an_age_is_told_in_the_unit_of_its_period(period, vi):
    assert age_text(period, NOW, VI) == vi


@pytest.mark.parametrize(
    ("period", "following"),
    [
        ("2024-12", "2025-01"),
        ("2026-05-21", "2026-05-22"),
        ("2026-Q4", "2027-Q1"),
        ("2026-11-22T02Z", "2026-11-22T03Z"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_period_knows_the_one_after_it(period, following):
    assert following_period(period) == following


def test_names_are_sorted_as_in_a_vietnamese_dictionary():
    names = ["Xã Đức", "Xã Dương", "Xã Ân", "Xã Ăn", "Xã An", "Phường Cửa Lò"]
    ordered = sorted(names, key=collation_key)
    assert ordered == [
        "Phường Cửa Lò",
        "Xã An",
        "Xã Ăn",
        "Xã Ân",
        "Xã Dương",
        "Xã Đức",
    ]
    assert sorted(["má", "mả", "ma", "mà"], key=collation_key) == [
        "ma",
        "mà",
        "mả",
        "má",
    ]


def test_a_count_has_its_thousands_parted():
    assert count_text(3321, VI) == "3.321"
    assert count_text(3321, EN) == "3,321"


def test_a_moment_is_shown_in_vietnam_time():
    assert moment_text(NOW, VI) == "22/11/2026 10:05"
    assert moment_text(NOW, EN) == "22 Nov 2026 10:05"


def test_a_span_is_told_in_its_largest_unit():
    assert duration_text(45, VI) == "45 giây"
    assert duration_text(7300, VI) == "2 giờ"
    assert duration_text(-3, VI) == "0 giây"
