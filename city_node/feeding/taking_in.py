"""Finds whose a file is, and gives it to intake."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog

from city_node.config import ANY_SUBSYSTEM
from city_node.contract import FileReader, InputFile, ReadContext, Subsystem
from city_node.feeding.again import refused_rows
from city_node.feeding.verdict import Verdict
from city_node.intake.report import IngestReport
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text

READER_FAULTS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a reader's fault may raise. It costs one file, which is put aside, and not the
node, which would fall over the same file at each start."""

log = structlog.get_logger(__name__)


class Takes(Protocol):
    """Intake, as far as feeding needs it."""

    async def ingest_file(
        self,
        subsystem: str,
        file: InputFile,
        *,
        dry_run: bool = False,
        complete: bool = False,
    ) -> IngestReport:
        """Ingest a file."""
        ...

    def context(self) -> ReadContext:
        """Return what readers may know at this moment."""
        ...


class TakingIn:
    """Takes in whatever a feed brings, and judges what came of it.

    Errors that pass (the database is away) are raised; all others are the verdict.
    """

    def __init__(self, intake: Takes, subsystems: Mapping[str, Subsystem]) -> None:
        """Take in for the subsystems of a node."""
        self._intake = intake
        self._subsystems = subsystems

    async def __call__(self, wanted: str, file: InputFile) -> Verdict:
        """Take in a file for a subsystem, or for the one that recognises it.

        Raises:
            FederationError: Only a retriable one; nothing was lost, try again.
        """
        try:
            return await self._taken(wanted, file)
        except FederationError as error:
            if error.retriable:
                raise
            return Verdict(failure=Text(vi=error.text_vi, en=error.text_en))
        except READER_FAULTS as error:
            log.exception("reader_fault", file=file.name)
            return Verdict(failure=_fault(error))

    async def _taken(self, wanted: str, file: InputFile) -> Verdict:
        subsystem = wanted
        if wanted == ANY_SUBSYSTEM:
            subsystem = await self._whose(file)
        report = await self._intake.ingest_file(subsystem, file)
        again = b""
        if report.rejected_count:
            again = await asyncio.to_thread(self._again, file, report)
        return Verdict(report=report, again=again)

    def _again(self, file: InputFile, report: IngestReport) -> bytes:
        reader = _reader_of(self._subsystems[report.subsystem], report.reader)
        if reader is None:
            return b""
        return refused_rows(file, report, reader, self._intake.context())

    async def _whose(self, file: InputFile) -> str:
        claiming = await asyncio.to_thread(self._claiming, file)
        if not claiming:
            raise self._unknown(file)
        if len(claiming) == 1:
            return claiming[0]
        # A damaged file is claimed by many, each to say what is wrong with it.
        first_error: FederationError | None = None
        reading = []
        for name in claiming:
            try:
                await self._intake.ingest_file(name, file, dry_run=True)
            except FederationError as error:
                if error.retriable:
                    raise
                first_error = first_error or error
            else:
                reading.append(name)
        if not reading and first_error is not None:
            raise first_error
        if len(reading) > 1:
            raise _ambiguous(file, reading)
        return reading[0]

    def _claiming(self, file: InputFile) -> list[str]:
        return [
            name
            for name, subsystem in self._subsystems.items()
            if any(reader.recognises(file) for reader in subsystem.readers)
        ]

    def _unknown(self, file: InputFile) -> FederationError:
        names = ", ".join(sorted(self._subsystems)) or "–"
        return FederationError(
            ErrorCode.INPUT_UNREADABLE,
            f"Không nhận ra tệp {file.name}: không phân hệ nào đọc được ({names}). Hãy "
            "gửi tệp gốc của nơi phát hành, hoặc tải mẫu nhập số liệu và nhập vào đó.",
            f"The file {file.name} is of no known form: no subsystem reads it "
            f"({names}). Send the publisher's own file, or download a template and "
            "type into it.",
            {"file": file.name},
        )


def _reader_of(subsystem: Subsystem, reader: str) -> FileReader | None:
    return next((each for each in subsystem.readers if each.id == reader), None)


def _ambiguous(file: InputFile, names: Sequence[str]) -> FederationError:
    listed = ", ".join(names)
    return FederationError(
        ErrorCode.INPUT_UNREADABLE,
        f"Tệp {file.name} được nhiều phân hệ nhận ra ({listed}). Hãy để tệp vào thư "
        "mục riêng của phân hệ.",
        f"The file {file.name} is recognised by several subsystems ({listed}). Put it "
        "into the folder of its subsystem.",
        {"file": file.name},
    )


def _fault(error: BaseException) -> Text:
    what = f"{type(error).__name__}: {error}"[:200]
    return Text(
        vi=f"Chương trình đọc tệp gặp lỗi ({what}). Đây là lỗi của phần mềm: hãy gửi "
        "tệp này cho bộ phận hỗ trợ.",
        en=f"The program failed at reading the file ({what}). That is a fault of the "
        "software: send the file to support.",
    )
