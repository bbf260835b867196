"""Bytes to text, whatever program wrote them.

Order of evidence: a byte order mark; strict UTF-8; zero bytes at every other place
(UTF-16 without a mark); else one of the code pages that Vietnamese offices still
export: Windows-1258, TCVN3 or VNI, whichever makes common words; Windows-1258 where
its combining tone marks or đ, ơ, ư stand where letters would; else Windows-1252. What
fits none is refused: a guess that turns names into nonsense would land nowhere.
"""

import codecs
import re
import unicodedata
from dataclasses import dataclass

from city_node.sources.limits import FILE_BYTES_MAX
from city_node.sources.vietnamese_fonts import READINGS, told_by_words
from federation.errors import ErrorCode, FederationError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# đ ơ ư in Windows-1258; eth, y acute and o tilde in Windows-1252.
_VIETNAMESE_LETTERS = frozenset("đĐơƠưƯ")
_SAMPLE_BYTES = 4_096
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_LONGEST_CHARACTER_BYTES = 4
_DAMAGED_SHARE_MAX = 0.2


@dataclass(frozen=True, kw_only=True, slots=True)
class DecodedText:
    """A file's text, composed (NFC), and the encoding it was read with."""

    text: str
    encoding: str


def unreadable(name: str, text_vi: str, text_en: str) -> FederationError:
    """Return the error for a file of which nothing can be used."""
    return FederationError(
        ErrorCode.INPUT_UNREADABLE,
        f"{name}: {text_vi}",
        f"{name}: {text_en}",
        {"file": name},
    )


def decode(name: str, content: bytes) -> DecodedText:
    """Return the text of a file.

    Raises:
        FederationError: ``INPUT_UNREADABLE`` when the file is empty, too large, no
            text, damaged UTF-8, or in an encoding that can't be told.
    """
    if len(content) > FILE_BYTES_MAX:
        raise unreadable(
            name,
            f"tệp lớn hơn {FILE_BYTES_MAX // 2**20} MiB. Hãy tách theo năm rồi gửi lại",
            f"larger than {FILE_BYTES_MAX // 2**20} MiB. Cut it by year and send again",
        )
    if not content.strip(b"\x00\t\r\n "):
        raise unreadable(
            name, "tệp rỗng. Hãy xuất lại tệp", "the file is empty. Export it again"
        )
    encoding = _encoding(name, content)
    if encoding in READINGS:
        read = READINGS[encoding](content)
        if read is None:
            raise _unknown(name)
        text = read
    else:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            raise _damaged(name, encoding, error.start) from error
    # Programs of old end a text with this mark.
    text = unicodedata.normalize("NFC", text).removesuffix("\x1a")
    if _is_no_text(text):
        raise _unknown(name)
    # One that strayed into a long file costs its cell, and never reaches a store.
    text = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
    return DecodedText(text=text, encoding=encoding)


def _encoding(name: str, content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    sample = content[:_SAMPLE_BYTES]
    if b"\x00" in sample:
        return _utf_16_without_mark(name, sample)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse_damaged_utf_8(name, content, error.start)
        return _single_byte(name, content)
    return "utf-8"


def _utf_16_without_mark(name: str, sample: bytes) -> str:
    low, high = sample[0::2].count(0), sample[1::2].count(0)
    if high > 4 * low:
        return "utf-16-le"
    if low > 4 * high:
        return "utf-16-be"
    raise _unknown(name)


def _refuse_damaged_utf_8(name: str, content: bytes, position: int) -> None:
    """Raise where text is UTF-8 but for some bytes; code pages never look like it."""
    if position >= len(content) - _LONGEST_CHARACTER_BYTES and any(
        byte > 0x7F for byte in content[:position]
    ):
        raise unreadable(
            name,
            "tệp bị cắt cụt (ký tự cuối không trọn vẹn). Hãy tải lại tệp",
            "the file is cut off (its last character is not whole). Fetch it again",
        )
    text = content.decode("utf-8", errors="replace")
    damaged = text.count("\N{REPLACEMENT CHARACTER}")
    whole = sum(character > "\x7f" for character in text) - damaged
    if whole and damaged <= whole * _DAMAGED_SHARE_MAX:
        raise _damaged(name, "utf-8", position)


def _single_byte(name: str, content: bytes) -> str:
    told = told_by_words(content)
    if told:
        return told
    try:
        text = content.decode("cp1258")
    except UnicodeDecodeError:
        text = ""
    if text and _reads_as_vietnamese(text):
        return "cp1258"
    try:
        content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise _unknown(name) from error
    return "cp1252"


def _reads_as_vietnamese(text: str) -> bool:
    """Return whether tone marks stand on letters, or Vietnamese letters occur."""
    marks = 0
    for before, character in zip(" " + text, text, strict=False):
        if unicodedata.combining(character):
            if not before.isalpha():
                return False
            marks += 1
    return marks > 0 or any(letter in text for letter in _VIETNAMESE_LETTERS)


def _is_no_text(text: str) -> bool:
    return _CONTROLS.search(text[:_SAMPLE_BYTES]) is not None


def _damaged(name: str, encoding: str, position: int) -> FederationError:
    return unreadable(
        name,
        f"byte thứ {position + 1} không đúng bảng mã {encoding}; tệp hỏng hoặc lẫn "
        "hai bảng mã. Hãy lưu lại với mã UTF-8",
        f"byte {position + 1} is not valid {encoding}; the file is damaged or mixes "
        "two encodings. Save it again as UTF-8",
    )


def _unknown(name: str) -> FederationError:
    return unreadable(
        name,
        "không phải văn bản, hoặc bảng mã không nhận ra được (đọc được UTF-8, UTF-16, "
        "Windows-1258, TCVN3, VNI, Windows-1252). Hãy lưu lại với mã UTF-8",
        "not text, or in an encoding that cannot be told (readable are UTF-8, UTF-16, "
        "Windows-1258, TCVN3, VNI, Windows-1252). Save it again as UTF-8",
    )
