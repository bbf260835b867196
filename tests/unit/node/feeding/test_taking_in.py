"""Whose a file is, and what becomes of one that nobody can read."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from city_node.contract import (
    Accepted,
    InputFile,
    ReadContext,
    ReadItem,
    Rejected,
    Subsystem,
)
from city_node.feeding.again import refused_rows
from city_node.feeding.state import FeedOutcome
from city_node.feeding.taking_in import TakingIn
from city_node.intake.report import IngestReport
from city_node.templates.attaching import with_templates
from city_node.templates.headings import VALUE
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text
from tests.unit.node.feeding.test_watching import report
from tests.unit.node.sample import OWNED, SUBSYSTEM, context
from tests.unit.node.test_templates import JOINED, WARD, reader, typed_text

FILE = InputFile(name="a.txt", content=b"sample\n")


class Claiming:
    """A reader that claims every file."""

    id = "claiming"
    title = Text(vi="bất kỳ", en="anything")

    def recognises(self, file: InputFile) -> bool:
        return True

    def read(self, file: InputFile, context: ReadContext) -> Iterator[ReadItem]:
        return iter(())


@dataclass
class Intake:
    """Takes note of what it was given; can be told to refuse."""

    unreadable: frozenset[str] = frozenset()
    given: list[tuple[str, bool]] = field(default_factory=list)
    error: BaseException | None = None

    def context(self) -> ReadContext:
        return context()

    async def ingest_file(
        self,
        subsystem: str,
        file: InputFile,
        *,
        dry_run: bool = False,
        complete: bool = False,
    ) -> IngestReport:
        self.given.append((subsystem, dry_run))
        if self.error is not None:
            raise self.error
        if subsystem in self.unreadable:
            raise FederationError(
                ErrorCode.INPUT_UNREADABLE, f"{subsystem}: hỏng", f"{subsystem}: bad"
            )
        return replace(report(file.name), subsystem=subsystem)


def subsystem(name: str, *readers: Any) -> Subsystem:
    return replace(SUBSYSTEM, id=name, readers=readers)


ONE = subsystem("one", Claiming())
TWO = subsystem("two", Claiming())
NONE = subsystem("none")


async def test_any_means_the_subsystem_that_recognises_the_file() -> None:
    intake = Intake()
    verdict = await TakingIn(intake, {"none": NONE, "one": ONE})("any", FILE)
    assert intake.given == [("one", False)]
    assert verdict.outcome is FeedOutcome.ARCHIVED


async def test_of_several_that_claim_it_the_one_that_reads_it_takes_it() -> None:
    intake = Intake(unreadable=frozenset({"one"}))
    await TakingIn(intake, {"one": ONE, "two": TWO})("any", FILE)
    assert intake.given[-1] == ("two", False)


async def test_a_file_that_two_would_read_is_for_a_person_to_decide() -> None:
    intake = Intake()
    verdict = await TakingIn(intake, {"one": ONE, "two": TWO})("any", FILE)
    assert verdict.outcome is FeedOutcome.REJECTED
    assert verdict.failure is not None
    assert "one, two" in verdict.failure.vi
    assert all(dry_run for _, dry_run in intake.given)


async def test_a_file_of_nobody_says_what_to_do() -> None:
    verdict = await TakingIn(Intake(), {"none": NONE})("any", FILE)
    assert verdict.failure is not None
    assert "a.txt" in verdict.failure.vi
    assert "template" in verdict.failure.en


async def test_a_damaged_file_tells_the_damage_not_the_confusion() -> None:
    intake = Intake(unreadable=frozenset({"one", "two"}))
    verdict = await TakingIn(intake, {"one": ONE, "two": TWO})("any", FILE)
    assert verdict.failure == Text(vi="one: hỏng", en="one: bad")


async def test_a_fault_of_a_reader_costs_its_file_and_not_the_node() -> None:
    verdict = await TakingIn(Intake(error=KeyError("x")), {"one": ONE})("one", FILE)
    assert verdict.outcome is FeedOutcome.REJECTED
    assert verdict.failure is not None
    assert "KeyError" in verdict.failure.vi


async def test_what_passes_is_raised_to_be_tried_again() -> None:
    away = FederationError(ErrorCode.STORAGE_UNAVAILABLE, "tạm dừng", "away")
    with pytest.raises(FederationError):
        await TakingIn(Intake(error=away), {"one": ONE})("one", FILE)


def refused_of(file: InputFile) -> tuple[Rejected, ...]:
    items = reader().read(file, context())
    return tuple(each for each in items if isinstance(each, Rejected))


def test_the_refused_rows_alone_can_be_corrected_and_fed_again() -> None:
    file = typed_text(
        {
            ("sample.sum", WARD, VALUE.shown): "nhiều",
            ("sample.max", WARD, VALUE.shown): "5",
            ("sample.min", WARD, VALUE.shown): "ít; lắm",
        }
    )
    refused = refused_of(file)
    assert len(refused) == 2
    told = replace(report(file.name), rejected_count=len(refused), rejected=refused)
    again = refused_rows(file, told, reader(), context())
    assert [each.text_vi for each in refused_of(InputFile(name="r.csv", content=again))]
    corrected = InputFile(
        name="r.csv",
        content=again.replace("nhiều".encode(), b"7").replace("ít".encode(), b"8"),
    )
    items = list(reader().read(corrected, context()))
    assert [each.record.fields["value"] for each in items if isinstance(each, Accepted)]
    assert len(items) == 2


def test_no_refused_rows_are_written_that_nobody_could_read() -> None:
    file = InputFile(name="a.txt", content=b"sample\n!x\n")
    told = replace(report("a.txt", refused=1))
    joined = with_templates(SUBSYSTEM)
    assert joined.id == JOINED.id
    assert OWNED
    assert refused_rows(file, told, reader(), context()) == b""
    assert refused_rows(file, replace(told, rejected=()), reader(), context()) == b""
