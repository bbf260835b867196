"""The report beside a file: a text for the person who sent it, JSON for programs."""

import json
from collections.abc import Iterator
from datetime import datetime

from city_node.contract import Place
from city_node.feeding.state import FeedOutcome
from city_node.feeding.verdict import Verdict
from city_node.intake.report import IngestReport
from city_node.observations.runs import report_text
from federation.model.indicator import Text
from federation.model.period import LOCAL

ROWS_LISTED_MAX = 1000
"""More rows of one sort are counted and not listed."""

TEXT_ENDING = ".report.txt"
JSON_ENDING = ".report.json"
AGAIN_ENDING = ".refused.csv"

_OUTCOMES = {
    FeedOutcome.ARCHIVED: Text(vi="ĐÃ NHẬN", en="TAKEN IN"),
    FeedOutcome.UNCHANGED: Text(
        vi="ĐÃ NHẬN, không có gì thay đổi", en="TAKEN IN, nothing changed"
    ),
    FeedOutcome.PARTLY: Text(
        vi="NHẬN MỘT PHẦN, có dòng bị từ chối",
        en="TAKEN IN PARTLY, rows were refused",
    ),
    FeedOutcome.REJECTED: Text(
        vi="KHÔNG DÙNG ĐƯỢC, chưa có số liệu nào được nhận",
        en="NOT USABLE, no figure was taken in",
    ),
}
_TO_DO = {
    FeedOutcome.PARTLY: Text(
        vi="Các dòng đúng đã được nhận. Hãy sửa các dòng nêu dưới đây rồi để tệp đã "
        "sửa vào lại thư mục; gửi lại cả tệp cũng được, không số nào bị tính hai lần.",
        en="The good rows were taken in. Correct the rows below and put the corrected "
        "file into the folder; the whole file will do as well, nothing counts twice.",
    ),
    FeedOutcome.REJECTED: Text(
        vi="Hãy xem lý do dưới đây, sửa tệp và để vào lại thư mục.",
        en="See the reason below, correct the file and put it into the folder again.",
    ),
}


def text_of(name: str, verdict: Verdict, *, at: datetime, again: str = "") -> bytes:
    """Return the report as a person reads it, Vietnamese before English.

    ``again`` is the name of the file that holds the refused rows alone.
    """
    lines = list(_lines(name, verdict, at, again))
    # The mark lets every editor on every office machine know the letters.
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode("utf-8", "replace")


def json_of(name: str, verdict: Verdict, *, at: datetime, again: str = "") -> bytes:
    """Return the report as JSON."""
    failure = verdict.failure
    said = {
        "file": name,
        "at": at.isoformat(),
        "outcome": verdict.outcome.value,
        "failure": None if failure is None else {"vi": failure.vi, "en": failure.en},
        "refused_rows_file": again or None,
        "report": None
        if verdict.report is None
        else json.loads(report_text(verdict.report)),
    }
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode(
        "utf-8", "replace"
    )


def _lines(name: str, verdict: Verdict, at: datetime, again: str) -> Iterator[str]:
    outcome, to_do = _OUTCOMES[verdict.outcome], _TO_DO.get(verdict.outcome)
    yield f"KẾT QUẢ NHẬN TỆP: {outcome.vi}"
    yield f"RESULT: {outcome.en}"
    yield ""
    yield f"Tệp / File: {name}"
    yield f"Lúc / At:   {at.astimezone(LOCAL.zone):%d/%m/%Y %H:%M:%S} (UTC+7)"
    if to_do is not None:
        yield from ("", f"CẦN LÀM: {to_do.vi}", f"TO DO: {to_do.en}")
    if again:
        yield f"Tệp chỉ gồm các dòng bị từ chối / Refused rows alone: {again}"
    if verdict.failure is not None:
        yield from ("", f"LÝ DO: {verdict.failure.vi}", f"REASON: {verdict.failure.en}")
    if verdict.report is not None:
        yield from _of_report(verdict.report)


def _of_report(report: IngestReport) -> Iterator[str]:
    yield ""
    yield f"Phân hệ / Subsystem: {report.subsystem}"
    yield f"Lần nạp / Ingest run: {report.run}"
    yield ""
    for label, count in (
        ("Mới / New", report.landed),
        ("Thay đổi / Changed", report.changed),
        ("Không đổi / Unchanged", report.unchanged),
        ("Đã xóa / Deleted", report.deleted),
        ("Cần xem lại / To be looked at", report.flagged_count),
        ("Bị từ chối / Refused", report.rejected_count),
        ("Bỏ qua / Passed over", report.skipped_count),
        ("Ô không dùng / Cells not used", report.not_used_count),
    ):
        yield f"{label + ':':<34}{count:>8}"
    if report.rejected:
        yield from ("", "DÒNG BỊ TỪ CHỐI / REFUSED ROWS")
        for refused in report.rejected[:ROWS_LISTED_MAX]:
            yield from _row(refused.place, refused.text_vi, refused.text_en)
        yield from _more(report.rejected_count - len(report.rejected[:ROWS_LISTED_MAX]))
    if report.flagged:
        yield from ("", "ĐÃ NHẬN, CẦN XEM LẠI / TAKEN IN, TO BE LOOKED AT")
        for flagged in report.flagged[:ROWS_LISTED_MAX]:
            yield from _row(flagged.place, flagged.text_vi, flagged.text_en)
    if report.skipped:
        yield from ("", "BỎ QUA / PASSED OVER")
        for skipped in report.skipped:
            yield f"- {skipped.count} × {skipped.text.vi} / {skipped.text.en}"
            yield f"  đầu tiên / first: {skipped.first}"
    if report.not_used:
        yield from ("", "KHÔNG DÙNG, CHƯA CÓ CHỈ TIÊU / NOT USED, NO INDICATOR")
        for unused in report.not_used[:ROWS_LISTED_MAX]:
            yield f"- {unused.count} × {unused.text.vi} / {unused.text.en}"
            yield f"  đầu tiên / first: {unused.first}"


def _row(place: Place, text_vi: str, text_en: str) -> Iterator[str]:
    yield f"- {place}"
    yield f"    {text_vi}"
    yield f"    {text_en}"


def _more(count: int) -> Iterator[str]:
    if count > 0:
        yield f"  … và {count} dòng nữa / and {count} more rows"
