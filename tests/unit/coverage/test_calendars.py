"""Reporting windows of publishers: dated, never civil by mistake."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.algebra.windows import base_periods, window_periods
from federation.catalogue.calendars import calendars_of, read_calendars
from federation.errors import FederationError
from federation.model.period import (
    LOCAL,
    Calendar,
    Frequency,
    Period,
    days_of,
    following,
    has_period,
    last_finished,
    parse_period,
    period_at,
    period_holding,
    year_to_date,
)
from scripts.federation_demo.layout import CALENDARS_FILE

# Windows as their publishers print them.
PUBLISHERS = b"""
[[calendar]]
id = "crashes-statistics"
name = { vi = "Tai n\xe1\xba\xa1n, th\xe1\xbb\x91ng k\xc3\xaa", en = "Crashes" }
[[calendar.rule]]
frequency = "month"
first_day = 26
from = "2023-01"

[[calendar]]
id = "fires-statistics"
name = { vi = "Ch\xc3\xa1y", en = "Fires" }
[[calendar.rule]]
frequency = "month"
first_day = 18
from = "2023-01"
to = "2025-06"

[[calendar]]
id = "traffic-committee"
name = { vi = "An to\xc3\xa0n giao th\xc3\xb4ng", en = "Traffic safety" }
[[calendar.rule]]
frequency = "month"
first_day = 15
from = "2025-01"

[[calendar]]
id = "school"
name = { vi = "N\xc4\x83m h\xe1\xbb\x8dc", en = "School year" }
[[calendar.rule]]
frequency = "school_year"
first_day = "09-01"
from = "2000-2001"
to = "2024-2025"
[[calendar.window]]
frequency = "school_year"
period = "2025-2026"
first = 2025-09-05
last = 2026-05-31
"""
READ = {one.id: one for one in read_calendars(PUBLISHERS, name="x.toml")}
CRASHES, FIRES = READ["crashes-statistics"], READ["fires-statistics"]
TRAFFIC, SCHOOL = READ["traffic-committee"], READ["school"]
_ONE_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("calendar", "period", "first", "last"),
    [
        (CRASHES, "2024-10", date(2024, 9, 26), date(2024, 10, 25)),
        (CRASHES, "2024-03", date(2024, 2, 26), date(2024, 3, 25)),
        (FIRES, "2024-10", date(2024, 9, 18), date(2024, 10, 17)),
        (TRAFFIC, "2025-05", date(2025, 4, 15), date(2025, 5, 14)),
        (TRAFFIC, "2025-10", date(2025, 9, 15), date(2025, 10, 14)),
        (TRAFFIC, "2026-01", date(2025, 12, 15), date(2026, 1, 14)),
        (SCHOOL, "2002-2003", date(2002, 9, 1), date(2003, 8, 31)),
        (SCHOOL, "2025-2026", date(2025, 9, 5), date(2026, 5, 31)),
        (LOCAL, "2024-10", date(2024, 10, 1), date(2024, 10, 31)),
        # Quarters and years of a calendar are those of its months.
        (CRASHES, "2024-Q4", date(2024, 9, 26), date(2024, 12, 25)),
        (CRASHES, "2024", date(2023, 12, 26), date(2024, 12, 25)),
    ],
)
def test_a_period_has_the_days_its_publisher_says(
    calendar: Calendar, period: str, first: date, last: date
) -> None:
    named = parse_period(period)
    assert days_of(named, calendar) == (first, last + _ONE_DAY)
    assert has_period(named, calendar)
    for day in (first, last):
        assert period_holding(named.frequency, day, calendar) == named
    assert named.begins_at(calendar).astimezone(calendar.zone).date() == first
    assert named.ends_at(calendar).astimezone(calendar.zone).date() == last + _ONE_DAY


@given(
    st.dates(date(2024, 1, 1), date(2040, 1, 1)),
    st.sampled_from([CRASHES, LOCAL, TRAFFIC]),
    st.sampled_from([Frequency.MONTH, Frequency.QUARTER, Frequency.YEAR]),
)
def test_days_and_periods_are_two_ways_to_say_one_thing(
    day: date, calendar: Calendar, frequency: Frequency
) -> None:
    if calendar is TRAFFIC:
        day = day.replace(year=day.year + 2)
    period = period_holding(frequency, day, calendar)
    first, end = days_of(period, calendar)
    assert first <= day < end
    # Windows follow upon each other: no day is in two, none between them.
    assert days_of(following(period), calendar)[0] == end


@given(st.dates(date(2024, 2, 1), date(2039, 1, 1)))
def test_the_last_finished_window_is_over_and_the_next_is_not(day: date) -> None:
    now = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    for frequency in (Frequency.MONTH, Frequency.QUARTER, Frequency.YEAR):
        last = last_finished(frequency, now, CRASHES)
        assert last.ends_at(CRASHES) <= now < following(last).ends_at(CRASHES)
        assert period_at(frequency, now, CRASHES) == following(last)


def test_a_day_outside_every_window_belongs_to_no_period() -> None:
    for day in (date(2022, 1, 1), date(2025, 7, 1)):
        with pytest.raises(FederationError, match="fires-statistics"):
            period_holding(Frequency.MONTH, day, FIRES)
    assert not has_period(parse_period("2025-07"), FIRES)
    assert not has_period(parse_period("2025"), FIRES)
    # What was written under another edition of the calendar is still read.
    assert days_of(parse_period("2025-07"), FIRES)[0] == date(2025, 7, 1)


def test_a_number_that_is_no_begin_of_a_month_names_no_month() -> None:
    odd = Period(frequency=Frequency.MONTH, start=parse_period("2024-10").start + 1)
    assert not has_period(odd, LOCAL)
    assert not has_period(odd, CRASHES)


@pytest.mark.parametrize(
    ("calendar", "through", "first", "last"),
    [
        (LOCAL, "2025-03", date(2025, 1, 1), date(2025, 3, 31)),
        (CRASHES, "2025-03", date(2024, 12, 26), date(2025, 3, 25)),
        (LOCAL, "2025-Q2", date(2025, 1, 1), date(2025, 6, 30)),
        (LOCAL, "2025-01-15", date(2025, 1, 1), date(2025, 1, 15)),
        (SCHOOL, "2025-2026", date(2025, 9, 5), date(2026, 5, 31)),
        # A week belongs to the year that has its Thursday.
        (LOCAL, "2025-W01", date(2024, 12, 30), date(2025, 1, 5)),
    ],
)
def test_the_year_to_date_begins_where_the_calendar_s_year_does(
    calendar: Calendar, through: str, first: date, last: date
) -> None:
    assert year_to_date(parse_period(through), calendar) == (first, last + _ONE_DAY)


def test_the_year_to_date_needs_no_windows_that_are_not_published_yet() -> None:
    published = replace(CRASHES, windows=CRASHES.windows_of(Frequency.MONTH)[:27])
    last = max(window.start for window in published.windows)
    through = Period(frequency=Frequency.MONTH, start=last)
    assert through.text == "2025-03"
    first, end = year_to_date(through, published)
    assert (first, end) == (date(2024, 12, 26), date(2025, 3, 26))
    assert len(window_periods(Frequency.MONTH, first, end, published)) == 3
    for longer, count in (("2024-Q4", 3), ("2025-Q2", 3), ("2025", 12)):
        months = base_periods(Frequency.MONTH, parse_period(longer), published)
        assert len(months) == count


@pytest.mark.parametrize(
    "text",
    [
        '[[calendar]]\nid = "vn"\nname = { vi = "x", en = "x" }\n',
        '[[calendar]]\nid = "a"\nname = { vi = "x" }\n',
        '[[calendar]]\nid = "a"\nname = { vi = "x", en = "x" }\ntime_zone = "Mars"\n',
        '[[calendar]]\nid = "a"\nname = { vi = "x", en = "x" }\n[[calendar.rule]]\n'
        'frequency = "month"\nfirst_day = 31\nfrom = "2024-01"\n',
        '[[calendar]]\nid = "a"\nname = { vi = "x", en = "x" }\n[[calendar.rule]]\n'
        'frequency = "month"\nfirst_day = 5\nfrom = "2024"\n',
        '[[calendar]]\nid = "a"\nname = { vi = "x", en = "x" }\n[[calendar.window]]\n'
        'frequency = "month"\nperiod = "2024-10"\nfirst = 2024-10-02\n'
        "last = 2024-10-01\n",
        # Two windows hold one day.
        '[[calendar]]\nid = "a"\nname = { vi = "x", en = "x" }\n[[calendar.window]]\n'
        'frequency = "month"\nperiod = "2024-10"\nfirst = 2024-10-01\n'
        'last = 2024-10-31\n[[calendar.window]]\nfrequency = "month"\n'
        'period = "2024-11"\nfirst = 2024-10-31\nlast = 2024-11-30\n',
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(text: str) -> None:
    with pytest.raises(FederationError, match="the-file"):
        read_calendars(text.encode(), name="the-file.toml")


def test_the_demo_s_calendars_are_those_that_publishers_print() -> None:
    [crashes, fires, police] = calendars_of([CALENDARS_FILE])
    october = parse_period("2024-10")
    assert days_of(october, crashes) == (date(2024, 9, 26), date(2024, 10, 26))
    assert days_of(october, fires) == (date(2024, 9, 18), date(2024, 10, 18))
    may = parse_period("2025-05")
    assert days_of(may, police) == (date(2025, 4, 15), date(2025, 5, 15))
    with pytest.raises(FederationError, match="nowhere"):
        calendars_of([Path("nowhere.toml")])
