import pytest

from city_node.sources.decoding import decode
from federation.errors import ErrorCode, FederationError

TEXT = "Địa phương;Vốn đầu tư\nNghệ An;1.263,197\nThừa Thiên - Huế;1.027,563\n"


def in_cp1258(text: str) -> bytes:
    """Write text as offices with Windows-1258 do: tone marks stand on their own."""
    tones = {
        "ệ": "ê\u0323",
        "ố": "ô\u0301",
        "ị": "i\u0323",
        "ầ": "â\u0300",
        "ừ": "ư\u0300",
        "ế": "ê\u0301",
    }
    return "".join(tones.get(character, character) for character in text).encode(
        "cp1258"
    )


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_every_unicode_form_reads_as_the_same_text(encoding):
    assert decode("a.csv", TEXT.encode(encoding)).text == TEXT


def test_windows_1258_reads_as_composed_vietnamese():
    decoded = decode("a.csv", in_cp1258(TEXT))
    assert (decoded.encoding, decoded.text) == ("cp1258", TEXT)


def test_western_code_page_is_not_taken_for_vietnamese():
    decoded = decode("a.csv", "Câmara;Orçamento São João\n".encode("cp1252"))
    assert decoded.encoding == "cp1252"


def test_decomposed_text_is_composed():
    assert decode("a.csv", "Nghe\u0323\u0302 An".encode()).text == "Nghệ An"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (TEXT.encode()[: TEXT.encode().index("ệ".encode()) + 1], "cut off"),
        (TEXT.encode().replace("ệ".encode(), b"\xea"), "not valid utf-8"),
        (bytes(range(256)) * 4, "encoding"),
        (b"\x01\x02\x03 1,2\n", "not text"),
    ],
)
def test_what_is_no_text_is_refused_with_its_name_and_what_to_do(content, said):
    with pytest.raises(FederationError) as caught:
        decode("bao-cao.csv", content)
    assert caught.value.code is ErrorCode.INPUT_UNREADABLE
    assert caught.value.text_en.startswith("bao-cao.csv: ")
    assert said in caught.value.text_en
    assert caught.value.text_vi.startswith("bao-cao.csv: ")


# Letters of the test's text in a TCVN3 font, from the published table.
TCVN3 = {
    "ỉ": 0xD8,
    "à": 0xB5,
    "ố": 0xE8,
    "ă": 0xA8,
    "ệ": 0xD6,
    "Đ": 0xA7,
    "ẵ": 0xBD,
    "ừ": 0xF5,
    "ê": 0xAA,
    "ế": 0xD5,
}
PROVINCES = "Tỉnh, thành phố;Năm 2024\nNghệ An;12,5\nĐà Nẵng;3\nThừa Thiên Huế;4\n"


def test_a_file_written_with_a_tcvn3_font_is_read():
    content = bytes(
        ord(letter) if letter.isascii() else TCVN3[letter] for letter in PROVINCES
    )
    decoded = decode("cu.csv", content)
    assert (decoded.text, decoded.encoding) == (PROVINCES, "tcvn3")


def test_a_file_written_with_a_vni_font_is_read():
    shown = (
        "Tænh, thaønh phoá;Naêm 2024\nNgheä An;12,5\nÑaø Naüng;3\nThöøa Thieân Hueá;4\n"
    )
    decoded = decode("cu.csv", shown.encode("cp1252"))
    assert (decoded.text, decoded.encoding) == (PROVINCES, "vni")


def test_a_tcvn3_file_with_a_byte_that_is_no_letter_is_refused():
    content = bytes(
        ord(letter) if letter.isascii() else TCVN3[letter] for letter in PROVINCES
    )
    filler = b"x" * 70_000
    with pytest.raises(FederationError, match="encoding that cannot be told"):
        decode("cu.csv", content + filler + b"\xb0\xb1\xb2")


def test_a_control_character_far_down_costs_its_cell_and_nothing_else():
    text = "tên;số\n" + "x;1\n" * 2000 + "a\x00b;2\n"
    read = decode("a.csv", text.encode()).text
    assert read == text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
