"""The monthly table means the same in whatever order and company its columns come."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from city_node.subsystems.socio_economic import SUBSYSTEM
from tests.subsystems.localities import HOSTED
from tests.subsystems.summaries import read, records
from tests.subsystems.workbooks import mid_year_investment, workbook

FIRST_VALUE_COLUMN = 2
EXTRA = ["", "", "", "Ghi chú", "nội bộ", "", "", "", "", 1, 2, "", 3, "", 4, 5]


def layout(order: list[int], extra_at: int, blank_rows: int) -> list[list[object]]:
    rows = [row + [""] * (8 - len(row)) for row in mid_year_investment()]
    made = []
    for number, row in enumerate(rows):
        values = [row[FIRST_VALUE_COLUMN + column] for column in order]
        if number > 3:
            values.insert(extra_at, EXTRA[number])
        made.append([*row[:FIRST_VALUE_COLUMN], *values])
    return [[] for _ in range(blank_rows)] + made


@settings(max_examples=40, deadline=None)
@given(
    order=st.permutations(range(6)),
    extra_at=st.integers(min_value=0, max_value=6),
    blank_rows=st.integers(min_value=0, max_value=5),
    name=st.sampled_from(["Nghệ An", "Nghe An", "TỈNH NGHỆ AN"]),
)
def test_moved_and_added_columns_change_nothing(order, extra_at, blank_rows, name):
    rows = layout(list(order), extra_at, blank_rows)
    for row in rows:
        row[:] = [name if cell == "Nghệ An" else cell for cell in row]
    (record,) = records(read(SUBSYSTEM, workbook(bieu=rows), HOSTED))
    assert {
        field: Decimal(text)
        for field, text in record.fields.items()
        if field not in ("locality", "month", "unit", "previous_month")
    } == {
        "percent_of_plan": Decimal("30.993"),
        "year_on_year_index": Decimal("97.25"),
        "plan": Decimal("10003.954"),
        "estimate": Decimal("692.5"),
        "previous_realised": Decimal("640.125"),
        "year_to_date": Decimal("3100.5"),
    }
    assert record.fields["month"] == "2025-06"
