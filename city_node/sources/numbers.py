"""Reading numbers, exactly, in Vietnamese and in English form.

``1.213,849`` and ``1,213.849`` are one number. ``1.213`` alone may be either, so a
column is read in one form: that which its unambiguous cells show.
"""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from enum import Enum
from fractions import Fraction

from city_node.sources.headings import words
from city_node.sources.tables import Cell
from federation.errors import ErrorCode, FederationError
from federation.model.row import INT64_MAX, INT64_MIN

NONE_OCCURRED = "-"
"""How records write "không phát sinh": reported, and there was none."""

_MISSING = frozenset(
    ("", ".", "..", "...", "…", "n/a", "na", "nan", "null", "none", "x", "khong co")
)
_DASHES = frozenset("-–—−")
_NONE_WORDS = frozenset(("khong phat sinh", "khong xay ra", "none occurred"))
_SPACES = re.compile(r"[\s\u00a0\u202f']")
_ENGLISH = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?([eE][+-]?\d{1,3})?")
_VIETNAMESE = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
_ONLY_ENGLISH = re.compile(r".*,\d{3}\..*|[^,]*\.(\d{1,2}|\d{4,})|.*[eE].*|.*,.*,.*")
_ONLY_VIETNAMESE = re.compile(r".*\.\d{3},.*|[^.]*,(\d{1,2}|\d{4,})|.*\..*\..*")
_EITHER = re.compile(r"[+-]?\d{1,3}[.,]\d{3}")
# What accountants write for below zero, and marks that lead to a footnote.
_PARENTHESES = re.compile(r"\((?=[\d.,]*\d)([\d.,]+)\)")
_FOOTNOTE_MARK = re.compile(r"(?<=\d)(?:\(\*+\)|\*+|\((?:\d|[a-z])\)|[¹²³⁴⁵]+)$")
_DIGITS_MAX = 40
# Without exponents: one of nine digits would be a number of a gigabyte.
_PLAIN = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?")


class NumberForm(Enum):
    """Which sign stands before the decimals."""

    ENGLISH = "."
    VIETNAMESE = ","


def may_be_either(cell: Cell) -> bool:
    """Return whether a number reads one way in Vietnamese, another in English."""
    if not isinstance(cell, str):
        return False
    return _EITHER.fullmatch(_bare(_SPACES.sub("", cell))) is not None


def form_of(cells: Iterable[Cell], default: NumberForm) -> NumberForm:
    """Return the form of a column: that of its first unambiguous cell."""
    for cell in cells:
        if isinstance(cell, str):
            text = _bare(_SPACES.sub("", cell))
            if _ONLY_ENGLISH.fullmatch(text) and _ENGLISH.fullmatch(text):
                return NumberForm.ENGLISH
            if _ONLY_VIETNAMESE.fullmatch(text) and _VIETNAMESE.fullmatch(text):
                return NumberForm.VIETNAMESE
    return default


def read_number(cell: Cell, form: NumberForm = NumberForm.ENGLISH) -> str | None:
    """Return a cell as a plain decimal, ``NONE_OCCURRED``, or None where missing.

    In Vietnamese statistics a dash says that there was none, dots that it is not
    known. Parentheses are below zero; a footnote mark behind a number, and a per cent
    sign, say nothing here. A binary fraction of a workbook becomes its shortest
    decimal.

    Raises:
        FederationError: ``INPUT_ROW`` for what is no number in this form.
    """
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise _no_number(str(cell))
    if not isinstance(cell, str):
        return _plain(repr(cell))
    text = _SPACES.sub("", cell)
    if text.casefold() in _MISSING or words(cell) in _MISSING:
        return None if text not in _DASHES else NONE_OCCURRED
    if words(cell) in _NONE_WORDS:
        return NONE_OCCURRED
    text = _bare(text)
    pattern = _ENGLISH if form is NumberForm.ENGLISH else _VIETNAMESE
    if len(text) > _DIGITS_MAX or not pattern.fullmatch(text):
        raise _no_number(cell)
    if form is NumberForm.ENGLISH:
        return _plain(text.replace(",", ""))
    return _plain(text.replace(".", "").replace(",", "."))


def is_missing_mark(cell: Cell) -> bool:
    """Return whether a cell says nothing, that nothing is known or that none was."""
    if not isinstance(cell, str):
        return False
    text = _SPACES.sub("", cell)
    return text.casefold() in _MISSING or words(cell) in _MISSING | _NONE_WORDS


def _bare(text: str) -> str:
    """Return the number of a cell without what only surrounds it."""
    text = text.replace("\N{MINUS SIGN}", "-").removesuffix("%")
    text = _FOOTNOTE_MARK.sub("", text)
    found = _PARENTHESES.fullmatch(text)
    return f"-{found[1]}" if found else text


def scaled(text: str, scale: int, factor: Fraction = Fraction(1)) -> int:
    """Return a decimal text times a factor as an integer of 10**-scale.

    Rounded half-even once; checked to 64 bits.

    Raises:
        FederationError: ``INPUT_ROW`` for what is no number or too large.
    """
    if not _PLAIN.fullmatch(text):
        raise _no_number(text)
    number: int = round(Fraction(text) * factor * 10**scale)
    if not INT64_MIN <= number <= INT64_MAX:
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"Số “{text}” quá lớn. Hãy kiểm tra đơn vị tính.",
            f"The number “{text}” is too large. Check its unit.",
            {"value": text},
        )
    return number


def _plain(text: str) -> str:
    """Return a number without exponent and without zeros that say nothing."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise _no_number(text) from error
    if not number.is_finite() or abs(number.adjusted()) > _DIGITS_MAX:
        raise _no_number(text)
    plain = format(number, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain in ("-0", "") else plain


def _no_number(text: str) -> FederationError:
    return FederationError(
        ErrorCode.INPUT_ROW,
        f"“{text[:60]}” không phải là số. Hãy sửa ô này rồi gửi lại.",
        f"“{text[:60]}” is not a number. Correct the cell and send again.",
        {"value": text[:60]},
    )
