from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city_node.sources.numbers import NumberForm, form_of, read_number, scaled
from federation.errors import ErrorCode, FederationError

VIETNAMESE, ENGLISH = NumberForm.VIETNAMESE, NumberForm.ENGLISH


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("1.213,849", VIETNAMESE, "1213.849"),
        ("1,213.849", ENGLISH, "1213.849"),
        ("568.718", ENGLISH, "568.718"),
        ("568.718", VIETNAMESE, "568718"),
        ("1 213,849", VIETNAMESE, "1213.849"),
        ("1\u00a0213.849", ENGLISH, "1213.849"),
        (" -9,5 ", VIETNAMESE, "-9.5"),
        ("\N{MINUS SIGN}9.557457", ENGLISH, "-9.557457"),
        ("1.5e2", ENGLISH, "150"),
        ("0.0", ENGLISH, "0"),
        (1213.849, ENGLISH, "1213.849"),
        (85.0, ENGLISH, "85"),
        (12, ENGLISH, "12"),
    ],
)
def test_a_number_is_read_exactly_in_its_form(text, form, expected):
    assert read_number(text, form) == expected


@pytest.mark.parametrize("mark", ["", " ", "..", "...", "…", "N/A", "null", "NaN"])
def test_marks_of_missing_are_no_number(mark):
    assert read_number(mark) is None


@pytest.mark.parametrize("dash", ["-", " - ", "–", "—"])
def test_a_dash_says_that_there_was_none(dash):
    assert read_number(dash) == "-"


@pytest.mark.parametrize(
    "text",
    ["12a", "1,2,3", "1.2.3", "--1", "1e9999", "9" * 50, "inf", True, date(2024, 1, 1)],
)
def test_what_is_no_number_is_refused_not_guessed(text):
    with pytest.raises(FederationError) as caught:
        read_number(text)
    assert caught.value.code is ErrorCode.INPUT_ROW


def test_a_column_is_read_in_the_form_its_unambiguous_cells_show():
    assert form_of(["568.718", "1.213,849"], ENGLISH) is VIETNAMESE
    assert form_of(["568.718", "0.5"], VIETNAMESE) is ENGLISH
    assert form_of(["568.718", 3.5, ""], VIETNAMESE) is VIETNAMESE


def test_units_convert_exactly_and_are_rounded_half_even_once():
    assert scaled("0.0005", 3) == 0
    assert scaled("0.0015", 3) == 2
    assert scaled("2.5", 3, Fraction(1000)) == 2_500_000
    assert scaled("10", 6, Fraction(1, 3)) == 3_333_333


def test_a_number_beyond_64_bits_is_refused():
    with pytest.raises(FederationError, match="too large"):
        scaled("9223372036855", 6)


@given(st.integers(-(10**12), 10**12))
def test_both_forms_of_a_number_are_one_number(thousandths):
    english = f"{thousandths / 1000:,.3f}"
    vietnamese = english.translate(str.maketrans(",.", ".,"))
    assert read_number(english, ENGLISH) == read_number(vietnamese, VIETNAMESE)
