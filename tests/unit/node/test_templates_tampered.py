"""What a template promises where somebody changed more than the yellow cells."""

import io
import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from city_node.contract import Accepted, InputFile, Rejected
from city_node.sources.mapped.figures import FORMULA
from city_node.templates.form import period_of
from city_node.templates.headings import VALUE
from city_node.templates.writing import as_csv, as_workbook
from federation.errors import ErrorCode, FederationError
from tests.unit.node.sample import PLACES, Places, context
from tests.unit.node.test_templates import (
    LOCALITIES,
    OTHER_WARD,
    WARD,
    accepted,
    only_refusal,
    read,
    reader,
    template,
    typed_text,
    typed_workbook,
)

PROVINCE = "40"


def test_a_formula_that_nobody_worked_out_is_refused_and_its_neighbours_land() -> None:
    items = read(
        typed_workbook(
            {
                ("sample.sum", WARD, VALUE.shown): "=1+1",
                ("sample.sum", OTHER_WARD, VALUE.shown): 5,
            }
        )
    )
    assert "công thức" in only_refusal(items).text_vi
    assert sum(isinstance(each, Accepted) for each in items) == 1


def test_the_stored_result_of_a_formula_lands_flagged() -> None:
    typed = typed_workbook({("sample.sum", WARD, VALUE.shown): 77})
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(typed.content)) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for name in old.namelist():
            xml = old.read(name).replace(b"<v>77</v>", b"<f>70+7</f><v>77</v>")
            new.writestr(name, xml)
    (only,) = accepted(read(InputFile(name="typed.xlsx", content=out.getvalue())))
    assert only.record.fields["value"] == "77"
    assert [flag.code for flag in only.flags] == [FORMULA]


@pytest.mark.parametrize(
    ("place", "part"),
    [(PROVINCE, ""), (WARD, "station=<script>"), (WARD, "unheard=of")],
)
def test_a_key_that_no_template_has_is_refused(place: str, part: str) -> None:
    file = typed_text({("sample.sum", WARD, VALUE.shown): 1})
    key = f"sample.sum|{WARD}||".encode()
    changed = file.content.replace(key, f"sample.sum|{place}|{part}|".encode())
    items = list(
        reader().read(
            InputFile(name="f.csv", content=changed),
            replace(
                context(),
                owned=context().owned | {PROVINCE},
                localities=Places(
                    {
                        **PLACES.known,
                        PROVINCE: replace(
                            PLACES.known[WARD], id=PROVINCE, level="province"
                        ),
                    }
                ),
            ),
        )
    )
    assert "khóa" in only_refusal(items).text_vi
    assert not any(isinstance(each, Accepted) for each in items)


def test_a_place_that_was_not_there_in_the_period_is_refused() -> None:
    file = typed_text({("sample.sum", WARD, VALUE.shown): 1})
    changed = file.content.replace(b" 2026-10 ", b" 2024-10 ")
    items = read(InputFile(name="f.csv", content=changed))
    assert WARD in only_refusal(items).text_vi


@pytest.mark.parametrize("period", ["0001-01", "9999-12", "9999", "1"])
def test_a_period_that_cannot_be_is_refused(period: str) -> None:
    with pytest.raises(FederationError, match="1900") as caught:
        period_of(period)
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT


def test_two_templates_in_one_workbook_are_refused_not_passed_over() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(template())))
    book.copy_worksheet(book.active)
    out = io.BytesIO()
    book.save(out)
    file = InputFile(name="typed.xlsx", content=out.getvalue())
    assert reader().recognises(file)
    with pytest.raises(FederationError) as caught:
        list(reader().read(file, context()))
    assert caught.value.code is ErrorCode.INPUT_UNREADABLE
    assert "một tệp" in caught.value.text_vi


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r@"])
def test_a_name_is_never_a_formula_of_a_sheet(begin: str) -> None:
    named = [
        replace(place, name_vi=f"{begin}cmd|' /C calc'!A0", name_en="\x07x")
        for place in LOCALITIES
    ]
    made = template(localities=named)
    sheet = openpyxl.load_workbook(io.BytesIO(as_workbook(made))).active
    assert not [c for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    cells = re.split(r"[;\r\n]", as_csv(made).decode("utf-8-sig"))
    assert not [
        cell for cell in cells if cell.lstrip('"').startswith(("=", "+", "-", "@"))
    ]


def test_a_refusal_says_what_is_wrong_in_both_languages() -> None:
    items = read(typed_workbook({("sample.sum", WARD, VALUE.shown): "=1+1"}))
    (refused,) = (each for each in items if isinstance(each, Rejected))
    assert "công thức" in refused.text_vi
    assert "formula" in refused.text_en
