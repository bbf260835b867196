"""Whatever stands in a table, a reader answers: items, or that it can't be read."""

from hypothesis import given, settings
from hypothesis import strategies as st

from city_node.contract import Accepted, InputFile, NotUsed, Rejected, Skipped
from city_node.sources.understanding import Understanding
from federation.errors import ErrorCode, FederationError
from tests.subsystems.localities import HOSTED
from tests.subsystems.sources.mapped_tables import (
    BEDS,
    GRADUATES,
    TURNOVER,
    WARDS,
    reader_of,
)

WORDS = (
    "",
    "",
    "Nghệ An",
    "nghe an",
    "Hà Nội",
    "CẢ NƯỚC",
    "Số giường bệnh",
    "Doanh thu (Tiếp theo)",
    "Graduates",
    "Tỉnh",
    "2015",
    "2001-2002",
    "Pre. 2016 Total",
    "2015 Hospital",
    "tháng 13 năm 2024",
    "Phân theo địa phương",
    "(*) Ghi chú",
    "Tỷ đồng",
    "%",
    "..",
    "-",
    "1.213,849",
    "1,213.849",
    "5.970",
    "(12,5)",
    "-0",
    "1e400",
    "٣",
    "²",
    "#REF!",
    "date",
    "ward_code",
    "visits",
    "16681",
    "31/02/2026",
    "2026-05-21",
    "\u0301",
)
CELLS = st.sampled_from(WORDS) | st.text(
    st.characters(exclude_categories=("Cs", "Cc")), max_size=6
)
GRIDS = st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=12)
READER = reader_of(BEDS, TURNOVER, GRADUATES, WARDS)


@settings(max_examples=300, deadline=None)
@given(grid=GRIDS)
def test_no_table_ends_a_reader(grid):
    lines = (";".join(f'"{cell.replace(chr(34), "")}"' for cell in row) for row in grid)
    file = InputFile(name="x.csv", content="\n".join(lines).encode())
    answer = answer_to(file)
    if isinstance(answer, ErrorCode):
        assert answer is ErrorCode.INPUT_UNREADABLE
        return
    assert READER.recognises(file)
    assert isinstance(READER.explain(file, HOSTED), Understanding)
    for item in answer:
        assert isinstance(item, Accepted | NotUsed | Rejected | Skipped)
        assert item.place.file == "x.csv"


def answer_to(file):
    try:
        return list(READER.read(file, HOSTED))
    except FederationError as error:
        return error.code
