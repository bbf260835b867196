import pytest

from city_node.sources import tables
from city_node.sources.tables import read_delimited, table_rows
from federation.errors import ErrorCode, FederationError
from tests.subsystems.localities import file_of

WANTED = {"place": ("Địa phương", "Cities, provinces"), "year": ("2024",)}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_and_titles_above_do_not_matter(delimiter):
    lines = [
        '"Vốn đầu tư, theo địa phương; và năm"',
        "",
        delimiter.join(['"Địa phương"', "2023", "2024"]),
        delimiter.join(['" Nghệ An"', "1", "2"]),
        delimiter.join(['"Huế"', "3", "4"]),
    ]
    rows = table_rows(read_delimited(file_of("\r\n".join(lines))), WANTED)
    read = [(row.place.row, row.text("place"), row.text("year")) for row in rows]
    assert read == [(4, "Nghệ An", "2"), (5, "Huế", "4")]


@pytest.mark.parametrize(
    "heading", ["ĐỊA PHƯƠNG", "dia-phuong", "Đi\u0323a  phương", "Địa\nphương"]
)
def test_a_heading_is_found_by_its_words(heading):
    text = f'"{heading}",2024\nNghệ An,2\n'
    (row,) = table_rows(read_delimited(file_of(text)), WANTED)
    assert row.text("place") == "Nghệ An"


def test_absent_headings_are_told_from_an_empty_table():
    assert table_rows(read_delimited(file_of("a,b\n1,2\n")), WANTED) is None
    assert list(table_rows(read_delimited(file_of("Địa phương,2024\n")), WANTED)) == []


def test_a_line_cut_off_is_not_complete():
    text = "x,Địa phương,2024\n1,Nghệ An,2\n1,Hu"
    whole, cut = table_rows(read_delimited(file_of(text)), WANTED)
    assert (whole.complete, cut.complete) == (True, False)


def test_line_numbers_are_those_a_person_sees():
    text = 'Địa phương,2024\n"Nghệ\nAn",2\n\nHuế,3\n'
    rows = table_rows(read_delimited(file_of(text)), WANTED)
    assert [row.place.row for row in rows] == [2, 5]


def test_an_open_quotation_is_a_file_cut_off():
    with pytest.raises(FederationError) as caught:
        read_delimited(file_of('Địa phương,2024\n"Nghệ An,2\n'))
    assert caught.value.code is ErrorCode.INPUT_UNREADABLE
    assert "line 2" in caught.value.text_en


@pytest.mark.parametrize(
    ("limit", "most", "text"),
    [
        ("ROWS_MAX", 2, "a,b\n1,2\n3,4\n"),
        ("COLUMNS_MAX", 3, "a,b,c,d\n"),
        ("CELL_CHARACTERS_MAX", 5, "a,abcdef\n"),
    ],
)
def test_beyond_a_limit_a_file_is_refused(monkeypatch, limit, most, text):
    monkeypatch.setattr(tables, limit, most)
    with pytest.raises(FederationError) as caught:
        read_delimited(file_of(text))
    assert caught.value.code is ErrorCode.INPUT_UNREADABLE
    assert str(most) in caught.value.text_en
