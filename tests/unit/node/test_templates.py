"""What a template promises, from its making to what comes back."""

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest

from city_node.contract import (
    Accepted,
    InputFile,
    ReadItem,
    Rejected,
    Skipped,
    Subsystem,
)
from city_node.intake.contributions import contribution
from city_node.observations.stored import kept
from city_node.summaries.summarise import summarise
from city_node.templates.attaching import with_templates
from city_node.templates.figures import TEMPLATE_FIGURE, WITHDRAWN, source_of
from city_node.templates.form import Mark, Shown, Template, mark_in, template_of
from city_node.templates.headings import DENOMINATOR, HEADINGS, NUMERATOR, VALUE
from city_node.templates.owing import with_rules
from city_node.templates.reading import AMBIGUOUS_NUMBER, BLANK, TemplateReader
from city_node.templates.writing import as_csv, as_workbook
from federation.coverage.owed import OwedRule
from federation.errors import ErrorCode, FederationError
from federation.model.period import parse_period
from federation.model.row import State
from federation.model.status import Provenance, Status
from tests.unit.node.sample import (
    NOW,
    OWNED,
    PLACES,
    SUBSYSTEM,
    context,
    figure,
)

JOINED = with_templates(SUBSYSTEM)
AGENCY = "H41.STC"
WARD = "16681@2025-07-01"
OTHER_WARD = "16690@2025-07-01"
LOCALITIES = [place for place in PLACES.known.values() if place.id in OWNED]
MADE_ON = date(2026, 11, 22)


def template(period: str = "2026-10", **changes: Any) -> Template:
    given: dict[str, Any] = {
        "subsystem": JOINED,
        "agency": AGENCY,
        "period": parse_period(period),
        "localities": LOCALITIES,
        "made_on": MADE_ON,
        "shown": {},
    }
    given |= changes
    return template_of(
        given.pop("subsystem"),
        given.pop("agency"),
        given.pop("period"),
        given.pop("localities"),
        PLACES,
        **given,
    )


def reader(subsystem: Subsystem = JOINED) -> TemplateReader:
    (found,) = (each for each in subsystem.readers if isinstance(each, TemplateReader))
    return found


Typed = Mapping[tuple[str, str, str], Any]
"""What is typed, by indicator, locality and heading."""


def typed_workbook(typed: Typed, made: Template | None = None) -> InputFile:
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(made or template())))
    sheet = book.active
    column = {
        cell.value: cell.column
        for row in sheet.iter_rows()
        for cell in row
        if cell.value in {heading.shown for heading in HEADINGS}
    }
    for row in sheet.iter_rows():
        for (indicator, locality, heading), value in typed.items():
            if str(row[0].value).startswith(f"{indicator}|{locality}||"):
                sheet.cell(row=row[0].row, column=column[heading], value=value)
    out = io.BytesIO()
    book.save(out)
    return InputFile(name="typed.xlsx", content=out.getvalue())


def typed_text(typed: Typed, made: Template | None = None) -> InputFile:
    lines = as_csv(made or template()).decode("utf-8-sig").splitlines()
    positions = {heading.shown: place for place, heading in enumerate(HEADINGS)}
    written = []
    for line in lines:
        cells = line.split(";") if "|" in line.split(";")[0] else [line]
        for (indicator, locality, heading), value in typed.items():
            if cells[0].startswith(f"{indicator}|{locality}||"):
                cells[positions[heading]] = str(value)
        written.append(";".join(cells))
    return InputFile(name="typed.csv", content="\r\n".join(written).encode("utf-8-sig"))


WRITERS = [typed_workbook, typed_text]
each_form = pytest.mark.parametrize("write", WRITERS)
Write = Callable[..., InputFile]


def read(file: InputFile, now: datetime = NOW) -> list[ReadItem]:
    chosen = reader()
    assert chosen.recognises(file)
    return list(chosen.read(file, context(now)))


def accepted(items: list[ReadItem]) -> list[Accepted]:
    assert not [each for each in items if isinstance(each, Rejected)]
    return [each for each in items if isinstance(each, Accepted)]


def only_refusal(items: list[ReadItem]) -> Rejected:
    (refused,) = (each for each in items if isinstance(each, Rejected))
    assert refused.text_vi
    assert refused.text_en
    assert refused.place.row > 6
    return refused


@each_form
def test_what_was_typed_comes_back_by_key_and_heading(write: Write) -> None:
    items = read(
        write(
            {
                ("sample.sum", WARD, VALUE.shown): 12,
                ("sample.ratio", WARD, NUMERATOR.shown): 3,
                ("sample.ratio", WARD, DENOMINATOR.shown): 4,
            }
        )
    )
    ratio, whole = sorted(accepted(items), key=lambda each: each.record.source_key)
    assert whole.record.fields["value"] == "12"
    assert whole.record.kind == TEMPLATE_FIGURE
    assert whole.record.provenance is Provenance.MANUAL
    assert (ratio.record.fields["value"], ratio.record.fields["denominator"]) == (
        "3",
        "4",
    )
    (fact,) = contribution(JOINED, ratio.record, context()).observations
    assert (fact.state, fact.status) == (State(value=3, second=4), Status.NORMAL)
    assert fact.agency == AGENCY


@each_form
def test_blank_zero_and_nothing_occurred_are_told_apart(write: Write) -> None:
    items = read(
        write(
            {
                ("sample.sum", WARD, VALUE.shown): "-",
                ("sample.sum", OTHER_WARD, VALUE.shown): 0,
                ("sample.max", WARD, VALUE.shown): "không phát sinh",
            }
        )
    )
    status = {
        (each.record.fields["indicator"], each.record.fields["locality"]): fact.status
        for each in accepted(items)
        for fact in contribution(JOINED, each.record, context()).observations
    }
    assert status == {
        ("sample.sum", WARD): Status.NO_ACTIVITY,
        ("sample.sum", OTHER_WARD): Status.ZERO,
        ("sample.max", WARD): Status.NO_ACTIVITY,
    }
    blank = [each for each in items if isinstance(each, Skipped)]
    assert {each.reason for each in blank} == {BLANK}
    assert len(blank) == len(template().rows) - 3


def test_rows_may_be_sorted_left_out_and_columns_moved() -> None:
    lines = typed_text({("sample.sum", WARD, VALUE.shown): 7}).content.decode(
        "utf-8-sig"
    )
    head, rows = lines.splitlines()[:6], lines.splitlines()[6:]
    moved = [
        ";".join(reversed(line.split(";")))
        for line in [head[0].replace('"', ""), head[5], *reversed(rows[:4])]
    ]
    items = read(InputFile(name="m.csv", content="\n".join(moved).encode()))
    (only,) = accepted(items)
    assert only.record.fields["value"] == "7"


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1234,5", "1234.5"), ("1.234,5", "1234.5"), ("12.5", "12.5"), (12.5, "12.5")],
)
def test_numbers_are_read_in_both_forms(cell: Any, number: str) -> None:
    fine = replace(
        JOINED,
        indicators=tuple(
            replace(each, indicator=replace(each.indicator, scale=2))
            for each in SUBSYSTEM.indicators
        ),
        readers=SUBSYSTEM.readers,
        sources=SUBSYSTEM.sources,
        record_kinds=SUBSYSTEM.record_kinds,
    )
    joined = with_templates(fine)
    made = template(subsystem=joined)
    file = typed_workbook({("sample.sum", WARD, VALUE.shown): cell}, made)
    (only,) = accepted(list(reader(joined).read(file, context())))
    assert only.record.fields["value"] == number


def test_a_number_that_may_be_either_lands_flagged() -> None:
    (only,) = accepted(read(typed_text({("sample.sum", WARD, VALUE.shown): "1.234"})))
    assert only.record.fields["value"] == "1234"
    (flag,) = only.flags
    assert flag.code == AMBIGUOUS_NUMBER
    assert flag.place is not None
    assert flag.place.column == VALUE.shown


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({("sample.sum", WARD, VALUE.shown): "nhiều"}, "nhiều"),
        ({("sample.sum", WARD, VALUE.shown): "..."}, "để trống"),
        ({("sample.sum", WARD, VALUE.shown): 12.5}, "thập phân"),
        ({("sample.sum", WARD, NUMERATOR.shown): 1}, "không phải tỷ lệ"),
        ({("sample.ratio", WARD, VALUE.shown): 75}, "tử số"),
    ],
)
def test_a_wrong_cell_is_refused_by_row_and_column_and_neighbours_land(
    typed: Typed, said: str
) -> None:
    items = read(typed_workbook({**typed, ("sample.min", OTHER_WARD, VALUE.shown): 5}))
    refused = only_refusal(items)
    assert said in refused.text_vi
    assert "Cột" in refused.text_vi
    assert refused.place.column in {heading.shown for heading in HEADINGS}
    assert sum(isinstance(each, Accepted) for each in items) == 1


def test_a_negative_figure_is_refused_where_that_cannot_be() -> None:
    (only,) = accepted(read(typed_text({("sample.sum", WARD, VALUE.shown): "-3"})))
    with pytest.raises(FederationError, match="negative"):
        contribution(JOINED, only.record, context())


def test_a_changed_definition_is_refused_with_the_reason() -> None:
    file = typed_workbook({("sample.sum", WARD, VALUE.shown): 1})
    changed = with_templates(
        replace(
            SUBSYSTEM,
            indicators=tuple(
                replace(each, indicator=replace(each.indicator, unit="thousand"))
                for each in SUBSYSTEM.indicators
            ),
        )
    )
    items = list(reader(changed).read(file, context()))
    assert "thay đổi" in only_refusal(items).text_vi


def test_a_period_that_is_not_over_takes_no_sum_but_a_stock() -> None:
    file = typed_workbook(
        {
            ("sample.sum", WARD, VALUE.shown): 1,
            ("sample.last", WARD, VALUE.shown): 2,
        },
        template("2026-11"),
    )
    items = read(file)
    assert "chưa kết thúc" in only_refusal(items).text_vi
    (stock,) = (each for each in items if isinstance(each, Accepted))
    (fact,) = contribution(JOINED, stock.record, context()).observations
    assert fact.phenomenon_time.astimezone(UTC) < NOW


def test_a_period_that_has_not_begun_is_refused() -> None:
    file = typed_workbook({("sample.last", WARD, VALUE.shown): 2}, template("2026-12"))
    assert "chưa bắt đầu" in only_refusal(read(file)).text_vi


def test_an_agency_types_only_what_it_owes() -> None:
    with pytest.raises(FederationError) as caught:
        template(agency="H41.SYT")
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert AGENCY in caught.value.text_vi
    forged = typed_text({("sample.sum", WARD, VALUE.shown): 1})
    content = forged.content.replace(b"sample H41.STC ", b"sample H41.SYT ")
    items = read(InputFile(name="f.csv", content=content))
    assert "H41.STC" in only_refusal(items).text_en


def test_another_agency_types_what_a_rule_says_it_owes_and_where() -> None:
    rule = OwedRule(indicators=("sample.sum",), within=(WARD,), agency="H41.UBND")
    joined = with_templates(with_rules(SUBSYSTEM, [rule]))
    made = template(subsystem=joined, agency="H41.UBND")
    assert [(row.indicator.id, row.locality.id) for row in made.rows] == [
        ("sample.sum", WARD)
    ]
    file = typed_workbook({("sample.sum", WARD, VALUE.shown): 1}, made)
    (only,) = accepted(list(reader(joined).read(file, context())))
    (fact,) = contribution(joined, only.record, context()).observations
    assert fact.agency == "H41.UBND"
    elsewhere = typed_text({("sample.sum", OTHER_WARD, VALUE.shown): 1})
    content = elsewhere.content.replace(b"sample H41.STC ", b"sample H41.UBND ")
    forged = InputFile(name="f.csv", content=content)
    items = list(reader(joined).read(forged, context()))
    assert "H41.UBND" in only_refusal(items).text_vi


def test_a_row_without_its_key_is_refused_and_an_empty_one_passed_by() -> None:
    content = typed_text({}).content + b"\r\n;;;;;;;5;;;\r\n;;;;;;;;;;x\r\n"
    refused = only_refusal(read(InputFile(name="f.csv", content=content)))
    assert "khóa" in refused.text_vi


def test_places_of_others_are_passed_over() -> None:
    made = template(localities=list(PLACES.known.values()))
    file = typed_text({("sample.sum", "17443@2025-07-01", VALUE.shown): 1}, made)
    reasons = {each.reason for each in read(file) if isinstance(each, Skipped)}
    assert reasons == {BLANK, "not-our-locality"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"ioc-template/1 ", b"ioc-template/9 ", "ioc-template/9"),
        ("Giá trị / Value".encode(), b"Result", "Giá trị"),
    ],
)
def test_a_template_that_cannot_be_used_says_why(
    old: bytes, new: bytes, said: str
) -> None:
    content = typed_text({}).content.replace(old, new)
    file = InputFile(name="f.csv", content=content)
    with pytest.raises(FederationError) as caught:
        list(reader().read(file, context()))
    assert caught.value.code is ErrorCode.INPUT_UNREADABLE
    assert said in caught.value.text_vi


def test_a_file_of_another_subsystem_is_passed_by() -> None:
    content = typed_text({}).content.replace(b"/1 sample ", b"/1 other ")
    assert not reader().recognises(InputFile(name="f.csv", content=content))


def test_the_whole_stands_alone_and_withdrawn_gives_way() -> None:
    (typed,) = accepted(read(typed_text({("sample.sum", WARD, VALUE.shown): 100})))
    measured = next(
        each for each in JOINED.indicators if each.indicator.id == "sample.sum"
    )
    parts = [figure("a", value="3"), figure("b", value="4")]

    def value_of(*records: Any) -> Any:
        found = [
            kept(record, each, NOW)
            for record in records
            for each in contribution(JOINED, record, context()).observations
        ]
        return summarise(
            measured,
            found,
            series=found[-1].series,
            period=found[-1].observation.period,
            recorded_at_us=0,
        )

    assert value_of(*parts).state == State(value=7)
    assert value_of(*parts, typed.record).state == State(value=100)
    assert value_of(typed.record, *parts).state == State(value=100)
    (taken_back,) = accepted(
        read(typed_text({("sample.sum", WARD, VALUE.shown): "xóa"}))
    )
    assert taken_back.record.fields["value"] == WITHDRAWN
    assert taken_back.record.source_key == typed.record.source_key
    assert value_of(taken_back.record, *parts).state == State(value=7)


def test_a_workbook_is_locked_but_where_one_types_and_hides_its_keys() -> None:
    shown = {("sample.sum", WARD, ""): (Shown(value="7", period="2026-09"), None)}
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(template(shown=shown))))
    sheet = book.active
    assert sheet.protection.sheet
    assert sheet.column_dimensions["A"].hidden
    said = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("2026-10" in text for text in said)
    assert "7 (2026-09)" in said
    opened = [
        cell.coordinate
        for row in sheet.iter_rows()
        for cell in row
        if not cell.protection.locked
    ]
    ratios = sum(row.indicator.id == "sample.ratio" for row in template().rows)
    assert len(opened) == 2 * len(template().rows) + ratios
    assert sheet.data_validations.dataValidation


def test_a_mark_reads_back_as_it_was_written() -> None:
    mark = template().mark
    assert mark_in(mark.text) == mark
    assert mark_in("ioc-template/1 sample") is None
    assert isinstance(mark, Mark)


def test_a_subsystem_gets_its_template_without_code() -> None:
    assert source_of("sample") in {source.id for source in JOINED.sources}
    assert JOINED.record_kinds.keys() == {"figure", TEMPLATE_FIGURE}
    assert with_templates(replace(SUBSYSTEM, indicators=())).readers == (
        SUBSYSTEM.readers
    )
