from decimal import Decimal

import pytest

from city_node.contract import Accepted, Rejected
from city_node.subsystems.socio_economic import SUBSYSTEM
from federation.errors import ErrorCode, FederationError
from federation.model.status import Status
from tests.subsystems.localities import HOSTED, VINH, file_of
from tests.subsystems.summaries import Rows, read, records

REALISED = "socio_economic.investment_realised"
HEADINGS = (
    ",Phân Loại,Total-Pre-Month,E-Total-M,Total-YOY,YOP,YTD-YOY,E-MOM,Date,Month,"
    "PreMonth,PreYearMonth,Total-M,MOM,M-YOY"
)


def line(
    name, month, before, *, previous="", estimate="", realised="", growth="", m=""
):
    return (
        f"7,{name},{previous},{estimate},1500.5,15.25,{growth},,{month}-29,{month},"
        f"{before},2000-01,{realised},,{m}"
    )


TOTAL = line("TỔNG SỐ", "2025-01", "2024-12", estimate="35417.802")
JANUARY = line(
    "Nghệ An", "2025-01", "2024-12", estimate="500.25", realised="510.5", growth="-6.5"
)
DECEMBER = line(
    "Nghệ An", "2024-12", "2024-11", previous="99.5", estimate="900", realised="900"
)
FEBRUARY_WITHOUT = line("Hà Nội", "2025-02", "2025-01", estimate="1")


def file(*lines, heading=HEADINGS, **form):
    return file_of("\r\n".join((heading, *lines, "")), **form)


def rows_of(*lines, **form):
    items = read(SUBSYSTEM, file(*lines, **form), HOSTED)
    return Rows(SUBSYSTEM, records(items))


def test_realised_beats_the_estimate_which_stays():
    given = rows_of(TOTAL, JANUARY)
    assert given.value(REALISED, "40", "2025-01") == Decimal("510.5")
    assert given.ranked(REALISED, "40", "2025-01", 1) == {Decimal("500.25")}


def test_a_realised_column_that_repeats_the_estimate_stays_an_estimate():
    given = rows_of(DECEMBER)
    assert given.row(REALISED, "40", "2024-12").status is Status.ESTIMATED
    assert given.value(REALISED, "40", "2024-11") == Decimal("99.5")
    confirming = line("Nghệ An", "2025-01", "2024-12", previous="900", estimate="1")
    given = rows_of(confirming, DECEMBER)
    assert given.row(REALISED, "40", "2024-12").status is Status.NORMAL


def test_reports_come_oldest_first():
    items = read(SUBSYSTEM, file(JANUARY, DECEMBER), HOSTED)
    months = [record.fields["month"] for record in records(items)]
    assert months == ["2024-12", "2025-01"]
    assert [record.scope for record in records(items)] == [
        "public-investment:2024-12",
        "public-investment:2025-01",
    ]


def test_a_month_that_stops_listing_the_province_is_missing():
    given = rows_of(JANUARY, FEBRUARY_WITHOUT)
    assert given.row(REALISED, "40", "2025-02").status is Status.MISSING
    before = line("Hà Nội", "2024-11", "2024-10", estimate="1")
    assert rows_of(before, JANUARY).row(REALISED, "40", "2024-11") is None


def test_a_refused_line_is_not_a_month_without_the_province():
    wrong = line("Nghệ An", "2025-02", "2025-01", estimate="năm trăm")
    other = line("Hà Nội", "2025-02", "2025-01", estimate="1")
    items = read(SUBSYSTEM, file(JANUARY, wrong, other), HOSTED)
    (rejected,) = (item for item in items if isinstance(item, Rejected))
    assert rejected.place.row == 3
    assert [record.fields["month"] for record in records(items)] == ["2025-01"]


def test_a_file_cut_off_sets_its_last_line_aside():
    text = "\n".join((HEADINGS, JANUARY, DECEMBER[:40]))
    items = read(SUBSYSTEM, file_of(text), HOSTED)
    assert [type(item) for item in items if item.place.row == 3] == [Rejected]
    assert len(records(items)) == 1


def test_the_trend_that_contradicts_the_published_one_is_flagged():
    contradicting = line(
        "Nghệ An", "2025-01", "2024-12", estimate="5", growth="-6.5", m="7.25"
    )
    items = read(SUBSYSTEM, file(contradicting), HOSTED)
    (accepted,) = (item for item in items if isinstance(item, Accepted))
    (flag,) = accepted.flags
    assert (flag.code, accepted.place.row) == ("contradiction", 2)
    assert "7.25" in flag.text_vi
    given = Rows(SUBSYSTEM, records(items))
    trend = "socio_economic.investment_year_on_year"
    assert given.value(trend, "40", "2025-01") == Decimal("93.500")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_another_encoding_reads_the_same(encoding):
    assert rows_of(JANUARY, encoding=encoding).value(REALISED, "40", "2025-01") == (
        Decimal("510.5")
    )


def test_vietnamese_numbers_behind_semicolons_read_the_same():
    swap = str.maketrans({",": ";", ".": ","})
    given = rows_of(JANUARY.translate(swap), heading=HEADINGS.translate(swap))
    assert given.value(REALISED, "40", "2025-01") == Decimal("510.5")


def test_provinces_are_not_figures_of_a_city():
    items = read(SUBSYSTEM, file(TOTAL, JANUARY), VINH)
    assert [item.reason for item in items] == ["control-total", "other-locality"]


def test_a_file_without_the_columns_says_which_are_needed():
    (reader,) = (one for one in SUBSYSTEM.readers if one.id.endswith("series"))
    other = file_of("ngày,giá trị\n1,2\n")
    assert not reader.recognises(other)
    with pytest.raises(FederationError) as caught:
        list(reader.read(other, HOSTED))
    assert caught.value.code is ErrorCode.INPUT_UNREADABLE
    assert "E-Total-M" in caught.value.text_vi
