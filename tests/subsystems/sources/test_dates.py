from datetime import UTC, date, datetime

import pytest

from city_node.sources.dates import read_day, read_moment, read_month
from federation.errors import FederationError


def test_a_moment_is_read_with_its_offset_and_never_guessed():
    assert read_moment("2026-05-21T16:07:03+07:00") == datetime(
        2026, 5, 21, 9, 7, 3, tzinfo=UTC
    )
    with pytest.raises(FederationError, match="not a valid time"):
        read_moment("2026-05-21 09:07:03")


@pytest.mark.parametrize("read", [read_day, read_month, read_moment])
@pytest.mark.parametrize("text", ["", "hôm qua", "2026-02-30x", "05/21/2026"])
def test_another_form_of_time_is_refused(read, text):
    with pytest.raises(FederationError):
        read(text)


@pytest.mark.parametrize("cell", ["21/05/2026", "21.5.2026", 46163.0])
def test_a_day_is_read_as_vietnamese_offices_and_workbooks_write_it(cell):
    assert read_day(cell) == date(2026, 5, 21)


@pytest.mark.parametrize(
    "cell", ["2026-05", "5/2026", "Tháng 5 năm 2026", "T5/2026", "21/05/2026", 46163]
)
def test_a_month_is_read_in_every_writing(cell):
    assert read_month(cell) == date(2026, 5, 1)
