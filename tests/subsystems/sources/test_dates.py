from datetime import UTC, date, datetime

import pytest

from city_node.sources.dates import month_in, read_day, read_moment, read_month
from federation.errors import FederationError


@pytest.mark.parametrize(
    "heading",
    ["Ước tính tháng 01 năm 2025", "Tháng 01/2025 so với", "TỚI THÁNG 1\nNĂM 2025"],
)
def test_a_heading_names_its_month(heading):
    assert month_in(heading) == date(2025, 1, 1)


@pytest.mark.parametrize(
    "heading", ["6 tháng năm 2025", "Năm 2025", "tháng 13 năm 2025"]
)
def test_a_heading_without_a_month_names_none(heading):
    assert month_in(heading) is None


def test_a_moment_is_read_with_its_offset_and_never_guessed():
    assert read_moment("2026-05-21T16:07:03+07:00") == datetime(
        2026, 5, 21, 9, 7, 3, tzinfo=UTC
    )
    with pytest.raises(FederationError, match="not a valid time"):
        read_moment("2026-05-21 09:07:03")


@pytest.mark.parametrize("read", [read_day, read_month, read_moment])
@pytest.mark.parametrize("text", ["", "hôm qua", "2026-02-30x", "21/05/2026"])
def test_another_form_of_time_is_refused(read, text):
    with pytest.raises(FederationError):
        read(text)
