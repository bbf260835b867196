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
