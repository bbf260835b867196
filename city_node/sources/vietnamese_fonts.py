"""Text in the code pages of old Vietnamese fonts: TCVN3 (".VnTime") and VNI.

Such files carry no sign of it, and every byte of them is a letter of Windows-1252
too. So they are told by common words: of the ways a text may be read, the one in which
it says "tỉnh", "năm", "tổng số" is taken, and none where no reading says such a word.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

from city_node.sources.headings import is_vietnamese

_TCVN3_FIRST = 0xA1
# From 0xA1 to 0xFE, a space where there is no letter (TCVN 5712:1993, third table).
_TCVN3_LETTERS = (
    "ĂÂÊÔƠƯĐăâêôơưđ      àảãáạ ằẳẵắ       ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò ỏõóọồổỗốộờởỡớợù"
    " ủũúụừửữứựỳỷỹýỵ"
)
_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT = "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
# What VNI writes behind a letter, as Windows-1252 shows it.
_VNI_MARKS: Mapping[str, str] = {
    "ù": _ACUTE,
    "ø": _GRAVE,
    "û": _HOOK,
    "õ": _TILDE,
    "ï": _DOT,
    "â": _CIRCUMFLEX,
    "á": _CIRCUMFLEX + _ACUTE,
    "à": _CIRCUMFLEX + _GRAVE,
    "å": _CIRCUMFLEX + _HOOK,
    "ã": _CIRCUMFLEX + _TILDE,
    "ä": _CIRCUMFLEX + _DOT,
    "ê": _BREVE,
    "é": _BREVE + _ACUTE,
    "è": _BREVE + _GRAVE,
    "ú": _BREVE + _HOOK,
    "ü": _BREVE + _TILDE,
    "ë": _BREVE + _DOT,
}
_VNI_LETTERS: Mapping[str, str] = {
    "ô": "ơ",
    "ö": "ư",
    "ñ": "đ",
    "æ": "ỉ",
    "ó": "ĩ",
    "ò": "ị",
    "î": "ỵ",
    "Ô": "Ơ",
    "Ö": "Ư",
    "Ñ": "Đ",
    "Æ": "Ỉ",
    "Ó": "Ĩ",
    "Ò": "Ị",
    "Î": "Ỵ",
}
_VNI_BASE = frozenset("aeouyAEOUYôöÔÖ")
_COMMON = (
    "tỉnh thành phố số tổng năm tháng vốn đồng tỷ triệu của và người bệnh giường học "
    "sinh đầu tư thực hiện ước tính nghệ hà hồ đơn vị cả nước địa phương theo tại "
    "huyện xã phường dân cư lượt khách doanh nghiệp chỉ tiêu kế hoạch so với cùng kỳ "
    "sơ bộ quý ngày"
)
_COMMON_WORDS = frozenset(_COMMON.split())
_SAMPLE_BYTES = 65_536
_FONTS = frozenset({"tcvn3", "vni"})
_WORD = re.compile(r"[^\W\d_]+")


def decode_tcvn3(content: bytes) -> str | None:
    """Return a text written with a TCVN3 font, or None where a byte is no letter."""
    letters = []
    for byte in content:
        if byte < 0x80:
            letters.append(chr(byte))
            continue
        position = byte - _TCVN3_FIRST
        if not 0 <= position < len(_TCVN3_LETTERS) or _TCVN3_LETTERS[position] == " ":
            return None
        letters.append(_TCVN3_LETTERS[position])
    return "".join(letters)


def decode_vni(content: bytes) -> str | None:
    """Return a text written with a VNI font, or None where a byte is no character."""
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return None
    letters: list[str] = []
    base = ""
    for character in text:
        mark = _VNI_MARKS.get(character.lower()) if base in _VNI_BASE else None
        # "ô" and "ö" are letters of their own and carry marks, too.
        if mark is not None and base:
            letters.append(mark)
            base = ""
            continue
        base = character
        letters.append(_VNI_LETTERS.get(character, character))
    return unicodedata.normalize("NFC", "".join(letters))


def _decode_cp1258(content: bytes) -> str | None:
    try:
        return unicodedata.normalize("NFC", content.decode("cp1258"))
    except UnicodeDecodeError:
        return None


READINGS: Mapping[str, Callable[[bytes], str | None]] = {
    "cp1258": _decode_cp1258,
    "tcvn3": decode_tcvn3,
    "vni": decode_vni,
}


def told_by_words(content: bytes) -> str:
    """Return the reading in which most common Vietnamese words occur, or empty."""
    best, most = "", 0
    for name, read in READINGS.items():
        text = read(content[:_SAMPLE_BYTES])
        if text is None:
            continue
        found = sum(
            word in _COMMON_WORDS and not word.isascii()
            for word in _WORD.findall(text.casefold())
        )
        if found > most:
            best, most = name, found
    return best


def in_unicode(texts: list[str]) -> list[str]:
    """Return the texts of a workbook as they were meant to be read.

    A workbook typed with an old font holds its bytes as Western letters ("NghÖ An").
    Where one text has letters that only Vietnamese writes, no text is touched.
    """
    if any(is_vietnamese(text) for text in texts):
        return texts
    western = [text for text in texts if not text.isascii() and _is_western(text)]
    name = told_by_words("\n".join(western).encode("cp1252")) if western else ""
    if name not in _FONTS:
        return texts
    read = READINGS[name]
    return [
        (read(text.encode("cp1252")) or text) if _is_western(text) else text
        for text in texts
    ]


def _is_western(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
