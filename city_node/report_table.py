"""A report as a person reads it at a terminal."""

from collections.abc import Sequence

from city_node.intake.report import IngestReport
from federation.commands import output
from federation.model.indicator import Text

REJECTIONS_SHOWN_MAX = 50
"""More are in the report as JSON; a screen that scrolls away helps nobody."""

FLAGS_SHOWN_MAX = 50


def print_report(report: IngestReport) -> None:
    """Print what came of an input: counts, then reasons, then refused rows."""
    output.print_table(
        _title(report),
        [Text(vi="Kết quả", en="Result"), Text(vi="Số bản ghi", en="Records")],
        [[output.spoken(name), str(count)] for name, count in _counts(report)],
    )
    if report.skipped:
        output.print_table(
            Text(vi="Bỏ qua", en="Skipped"),
            [
                Text(vi="Lý do", en="Reason"),
                Text(vi="Số dòng", en="Rows"),
                Text(vi="Dòng đầu", en="First"),
            ],
            [
                [output.spoken(each.text), str(each.count), str(each.first)]
                for each in report.skipped
            ],
        )
    if len(report.sheets) > 1:
        _print_sheets(report)
    if report.not_used:
        output.print_table(
            Text(vi="Không dùng", en="Not used"),
            [
                Text(vi="Lý do", en="Reason"),
                Text(vi="Số ô", en="Cells"),
                Text(vi="Ô đầu", en="First"),
            ],
            [
                [output.spoken(each.text), str(each.count), str(each.first)]
                for each in report.not_used
            ],
        )
    if report.flagged:
        output.print_table(
            Text(vi="Đã nạp, cần xem lại", en="Landed, to be looked at"),
            [Text(vi="Vị trí", en="Place"), Text(vi="Vì sao", en="Why")],
            [
                [str(each.place), output.spoken(Text(vi=each.text_vi, en=each.text_en))]
                for each in report.flagged[:FLAGS_SHOWN_MAX]
            ],
        )
    if report.rejected:
        output.print_table(
            Text(vi="Bị từ chối", en="Rejected"),
            [Text(vi="Vị trí", en="Place"), Text(vi="Vì sao", en="Why")],
            [
                [str(each.place), output.spoken(Text(vi=each.text_vi, en=each.text_en))]
                for each in report.rejected[:REJECTIONS_SHOWN_MAX]
            ],
        )
    for note in _notes(report):
        output.console().print(output.spoken(note), markup=False)


def _print_sheets(report: IngestReport) -> None:
    output.print_table(
        Text(vi="Từng trang", en="Each sheet"),
        [
            Text(vi="Trang", en="Sheet"),
            Text(vi="Mới", en="Landed"),
            Text(vi="Thay đổi", en="Changed"),
            Text(vi="Không đổi", en="Unchanged"),
            Text(vi="Cần xem lại", en="Flagged"),
            Text(vi="Bị từ chối", en="Rejected"),
            Text(vi="Bỏ qua", en="Skipped"),
            Text(vi="Ô không dùng", en="Cells not used"),
        ],
        [
            [
                each.sheet or "–",
                str(each.landed),
                str(each.changed),
                str(each.unchanged),
                str(each.flagged),
                str(each.rejected),
                str(each.skipped),
                str(each.not_used),
            ]
            for each in report.sheets
        ],
    )


def _title(report: IngestReport) -> Text:
    if report.dry_run:
        return Text(
            vi=f"{report.input} (chạy thử, chưa ghi gì)",
            en=f"{report.input} (dry run, nothing was written)",
        )
    return Text(vi=report.input, en=report.input)


def _counts(report: IngestReport) -> Sequence[tuple[Text, int]]:
    return (
        (Text(vi="Mới", en="Landed"), report.landed),
        (Text(vi="Thay đổi", en="Changed"), report.changed),
        (Text(vi="Không đổi", en="Unchanged"), report.unchanged),
        (Text(vi="Đã xóa", en="Deleted"), report.deleted),
        (Text(vi="Bỏ qua", en="Skipped"), report.skipped_count),
        (Text(vi="Cần xem lại", en="Flagged"), report.flagged_count),
        (Text(vi="Bị từ chối", en="Rejected"), report.rejected_count),
        (Text(vi="Ô không dùng", en="Cells not used"), report.not_used_count),
    )


def _notes(report: IngestReport) -> list[Text]:
    notes = []
    unlisted = report.rejected_count - min(len(report.rejected), REJECTIONS_SHOWN_MAX)
    if unlisted:
        notes.append(
            Text(
                vi=f"Còn {unlisted} dòng bị từ chối nữa; thêm --json để xem.",
                en=f"{unlisted} more rows were rejected; --json lists them.",
            )
        )
    if len(report.flagged) > FLAGS_SHOWN_MAX:
        notes.append(
            Text(
                vi=f"Có {report.flagged_count} dòng cần xem lại; thêm --json để xem "
                "hết.",
                en=f"{report.flagged_count} rows are to be looked at; --json lists "
                "them.",
            )
        )
    if report.deletions_held:
        notes.append(
            Text(
                vi="Có dòng bị từ chối nên chưa xóa gì. Sửa các dòng đó rồi nạp lại.",
                en="Nothing was deleted, for rows were rejected. Correct them and feed "
                "the file again.",
            )
        )
    return notes
