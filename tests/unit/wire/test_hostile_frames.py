"""A parent refuses what could hurt it, and says why, before it pays for it."""

import dataclasses
import hashlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from federation.model.indicator import Measure
from federation.model.period import Frequency, Period
from federation.model.row import State
from federation.model.status import Counts, Provenance, Status
from federation.wire.block_codec import validate_block
from federation.wire.frames import (
    GENESIS_HEAD,
    FrameHeader,
    check_payload,
    read_payload,
    seal,
    verify_frame,
)
from federation.wire.limits import FRAME_BYTES_MAX, PAYLOAD_RAW_BYTES_MAX
from federation.wire.payload import Payload, WireRow
from federation.wire.refusal import RefusalCode, WireError
from federation.wire.v1 import frame_pb2, rows_pb2

HEADER = FrameHeader(
    stream="vinh",
    epoch=1,
    sequence=1,
    previous_head=GENESIS_HEAD,
    sealed_at_us=0,
    boot_id=bytes(16),
)


def row(value: int = 1, status: Status = Status.NORMAL) -> WireRow:
    return WireRow(
        series=1,
        measure=Measure.SUM,
        period=Period(frequency=Frequency.DAY, start=20_000),
        state=State(value=value) if status.carries_state else None,
        counts=Counts.one(status, Provenance.FILE),
        expected=1,
        reported=1 if status.carries_state else 0,
        recorded_at_us=0,
    )


def body(change: Callable[[frame_pb2.FrameBody], None]) -> bytes:
    frame = seal(HEADER, Payload(rows=(row(),)), sign=lambda _: b"", key_id=b"")
    message = frame_pb2.FrameBody.FromString(frame.body)
    change(message)
    return message.SerializeToString()


def with_payload(payload: frame_pb2.Payload) -> bytes:
    raw = payload.SerializeToString()

    def change(message: frame_pb2.FrameBody) -> None:
        message.payload = raw
        message.payload_hash = hashlib.sha256(raw).digest()
        message.codec = frame_pb2.CODEC_NONE
        message.raw_length = len(raw)
        message.row_count = sum(len(block.series) for block in payload.blocks)

    return body(change)


def refusal_of(data: bytes) -> RefusalCode:
    with pytest.raises(WireError) as caught:
        read_payload(data)
    assert caught.value.text_vi
    assert caught.value.text_en
    return caught.value.refusal


def test_an_edited_body_does_not_verify() -> None:
    with pytest.raises(WireError) as caught:
        verify_frame(body(lambda _: None), b"x", b"", verify=lambda *_: False)
    assert caught.value.refusal is RefusalCode.SIGNATURE_INVALID


def test_a_body_over_the_bound_is_refused_unread() -> None:
    assert refusal_of(bytes(FRAME_BYTES_MAX + 1)) is RefusalCode.TOO_LARGE


@given(st.binary(max_size=400))
def test_noise_is_refused_and_never_crashes(noise: bytes) -> None:
    assert refusal_of(noise) in {
        RefusalCode.MALFORMED,
        RefusalCode.VERSION_UNSUPPORTED,
    }


def bomb(message: frame_pb2.FrameBody) -> None:
    packed = zstandard.ZstdCompressor().compress(bytes(PAYLOAD_RAW_BYTES_MAX * 4))
    message.payload = packed
    message.payload_hash = hashlib.sha256(packed).digest()
    message.codec = frame_pb2.CODEC_ZSTD
    message.raw_length = PAYLOAD_RAW_BYTES_MAX * 4


def hidden_bomb(message: frame_pb2.FrameBody) -> None:
    bomb(message)
    message.raw_length = 100


def truncated_zstd(message: frame_pb2.FrameBody) -> None:
    packed = zstandard.ZstdCompressor().compress(bytes(10_000))[:-3]
    message.payload = packed
    message.payload_hash = hashlib.sha256(packed).digest()
    message.codec = frame_pb2.CODEC_ZSTD
    message.raw_length = 10_000


def unknown_codec(message: frame_pb2.FrameBody) -> None:
    message.codec = 9


def other_payload(message: frame_pb2.FrameBody) -> None:
    message.payload = b"other"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (bomb, RefusalCode.TOO_LARGE),
        (hidden_bomb, RefusalCode.CODEC_INVALID),
        (truncated_zstd, RefusalCode.CODEC_INVALID),
        (unknown_codec, RefusalCode.CODEC_INVALID),
        (other_payload, RefusalCode.CODEC_INVALID),
    ],
)
def test_what_does_not_unpack_is_named(
    change: Callable[[frame_pb2.FrameBody], None], refusal: RefusalCode
) -> None:
    assert refusal_of(body(change)) is refusal


def block(**columns: object) -> frame_pb2.Payload:
    good: dict[str, object] = {
        "measure": 1,
        "frequency": 2,
        "series": [1, 2],
        "period_start_delta": [20_000, 0],
        "status": [1, 6],
        "provenance": [2, 2],
        "recorded_at_us_delta": [0, 0],
        "scalar": rows_pb2.ScalarColumns(value=[5]),
    }
    return frame_pb2.Payload(blocks=[rows_pb2.Block(**(good | columns))])


def counted(**columns: object) -> rows_pb2.CountedColumns:
    """Return counts of both rows of ``block``: 2 of 3 came, none of 4 came."""
    good: dict[str, object] = {
        "row": [0, 1],
        "expected": [3, 4],
        "reported": [2, 0],
        "status_width": 6,
        "provenance_width": 2,
        "statuses": [1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 4],
        "provenances": [1, 1, 0, 0],
    }
    return rows_pb2.CountedColumns(**(good | columns))


def test_counts_are_read_row_by_row_and_what_is_not_sent_is_none() -> None:
    first, second = read_payload(with_payload(block(counted=counted()))).rows
    assert (first.expected, first.reported) == (3, 2)
    assert first.counts == Counts(
        statuses=(1, 1, 0, 0, 0, 1, 0, 0, 0, 0), provenances=(1, 1, 0, 0)
    )
    assert (second.expected, second.reported) == (4, 0)
    assert second.counts == Counts(
        statuses=(0, 0, 0, 0, 0, 4, 0, 0, 0, 0), provenances=(0, 0, 0, 0)
    )


def test_a_row_without_counts_of_its_own_is_one_report() -> None:
    of_the_second = counted(
        row=[1],
        expected=[4],
        reported=[0],
        statuses=[0] * 5 + [4],
        provenance_width=0,
        provenances=[],
    )
    first, second = read_payload(with_payload(block(counted=of_the_second))).rows
    assert first.counts == Counts.one(Status.NORMAL, Provenance.FILE)
    assert (first.expected, first.reported) == (1, 1)
    assert second.counts.statuses[Status.MISSING - 1] == 4


def test_a_block_whose_columns_match_is_read() -> None:
    states = [row.state for row in read_payload(with_payload(block())).rows]
    assert states == [State(value=5), None]


@pytest.mark.parametrize(
    "columns",
    [
        {"measure": 0},
        {"measure": 11},
        {"frequency": 99},
        {"series": [0, 1]},
        {"series": [1]},
        {"status": [1, 0]},
        {"status": [1, 1]},
        {"status": [1, 77]},
        {"provenance": [2, 9]},
        {"period_start_delta": [2**62, 0]},
        {"period_start_delta": [0, -(2**40)]},
        {"recorded_at_us_delta": [2**62, 5]},
        {"scalar": rows_pb2.ScalarColumns(value=[5, 6])},
        {"pair": rows_pb2.PairColumns(numerator=[1], denominator=[1])},
        {"source": [1]},
        {"origin": [1, 1]},
        {"unconfirmed": [2]},
        {"adjusted": [1, 0]},
        {"period_start_delta": [2**63 - 1, 2**63 - 1]},
        {"recorded_at_us_delta": [2**62, 2**62]},
        {"recorded_at_us_delta": [-(2**63), -(2**63)]},
        {"origin": [1, 1], "origin_epoch": [1, 1], "origin_sequence": [1, 2**63]},
        {"origin": [1, 1], "origin_epoch": [2**64 - 1, 1], "origin_sequence": [1, 1]},
    ],
)
def test_columns_that_do_not_match_are_named(columns: dict[str, object]) -> None:
    assert refusal_of(with_payload(block(**columns))) is RefusalCode.ROWS_INVALID


@pytest.mark.parametrize(
    ("columns", "column"),
    [
        ({"row": [0, 0]}, "row"),
        ({"row": [1, 0]}, "row"),
        ({"row": [0, 2]}, "row"),
        ({"row": [0, 2**32 - 1]}, "row"),
        ({"row": [0]}, "expected"),
        ({"expected": [3]}, "expected"),
        ({"expected": [3, 2**31]}, "expected"),
        ({"reported": [2, 0, 0]}, "reported"),
        ({"reported": [4, 0]}, "reported"),
        ({"expected": [3, 2**31 - 1], "reported": [2, 2**32 - 1]}, "reported"),
        ({"status_width": 0}, "statuses"),
        ({"status_width": 5}, "statuses"),
        ({"status_width": 11, "statuses": [1] * 22}, "status_width"),
        ({"status_width": 2**32 - 1}, "status_width"),
        ({"statuses": []}, "statuses"),
        ({"statuses": [1] * 11}, "statuses"),
        ({"statuses": [2**31] + [0] * 11}, "statuses"),
        ({"statuses": [0] * 11 + [4]}, "statuses"),
        ({"statuses": [1] + [0] * 5 + [1] + [0] * 5}, "statuses"),
        ({"provenance_width": 1}, "provenances"),
        ({"provenance_width": 5, "provenances": [1] * 10}, "provenance_width"),
        ({"provenance_width": 2**31}, "provenance_width"),
        ({"provenances": [1, 1, 0]}, "provenances"),
        ({"provenances": [1, 1, 0, 2**32 - 1]}, "provenances"),
    ],
)
def test_counts_that_do_not_match_are_named(
    columns: dict[str, object], column: str
) -> None:
    message = block(counted=counted(**columns)).blocks[0]
    with pytest.raises(WireError) as caught:
        validate_block(message)
    assert caught.value.refusal is RefusalCode.ROWS_INVALID
    assert caught.value.where["column"] == f"counted.{column}"


UINT32 = st.integers(min_value=0, max_value=2**32 - 1)
NUMBERS = st.lists(UINT32 | st.integers(min_value=0, max_value=3), max_size=14)


@given(NUMBERS, NUMBERS, NUMBERS, UINT32 | st.integers(0, 12), NUMBERS, NUMBERS)
def test_counts_of_any_shape_are_read_or_refused(
    row: list[int],
    expected: list[int],
    reported: list[int],
    width: int,
    statuses: list[int],
    provenances: list[int],
) -> None:
    payload = block(
        counted=rows_pb2.CountedColumns(
            row=row,
            expected=expected,
            reported=reported,
            status_width=width,
            provenance_width=width,
            statuses=statuses,
            provenances=provenances,
        )
    )
    data = with_payload(payload)
    try:
        rows = read_payload(data).rows
    except WireError:
        assert refusal_of(data) is RefusalCode.ROWS_INVALID
    else:
        assert len(rows) == 2


def test_too_many_rows_are_refused() -> None:
    many = 5_001
    payload = block(
        series=[1] * many,
        period_start_delta=[0] * many,
        status=[6] * many,
        provenance=[2] * many,
        recorded_at_us_delta=[0] * many,
        scalar=rows_pb2.ScalarColumns(),
    )
    assert refusal_of(with_payload(payload)) is RefusalCode.TOO_LARGE


def test_a_column_out_of_range_only_in_the_middle_is_found() -> None:
    days = [20_000, 2**40, -(2**40)]
    payload = block(
        series=[1, 2, 3],
        period_start_delta=days,
        status=[6] * 3,
        provenance=[2] * 3,
        recorded_at_us_delta=[0] * 3,
        scalar=rows_pb2.ScalarColumns(),
    )
    assert refusal_of(with_payload(payload)) is RefusalCode.ROWS_INVALID


def test_too_many_announcements_are_refused() -> None:
    payload = block()
    for number in range(1, 20_002):
        payload.series.add(number=number, indicator="a.b", locality="40")
    assert refusal_of(with_payload(payload)) is RefusalCode.TOO_LARGE


INT64 = st.integers(min_value=-(2**63), max_value=2**63 - 1)


@given(st.lists(st.tuples(INT64, st.sampled_from(Status)), max_size=50))
def test_rows_survive_the_wire_to_the_bit(
    cells: list[tuple[int, Status]],
) -> None:
    rows = tuple(row(value, status) for value, status in cells)
    frame = seal(HEADER, Payload(rows=rows), sign=lambda _: b"", key_id=b"")
    verified = verify_frame(frame.body, b"", b"", verify=lambda *_: True)
    assert check_payload(verified).decode().rows == rows
    assert verified.frame.head == frame.head


COUNTS = st.builds(
    lambda statuses, provenances: Counts(
        statuses=tuple(statuses), provenances=tuple(provenances)
    ),
    st.lists(st.integers(0, 2**31 - 1) | st.just(0), min_size=10, max_size=10),
    st.lists(st.integers(0, 2**31 - 1) | st.just(0), min_size=4, max_size=4),
)


@given(st.lists(st.tuples(COUNTS, st.integers(0, 9)), max_size=30))
def test_counts_survive_the_wire(cells: list[tuple[Counts, int]]) -> None:
    rows = tuple(
        dataclasses.replace(
            row(status=counts.leading_status),
            counts=counts,
            expected=9,
            reported=reported,
        )
        for counts, reported in cells
    )
    frame = seal(HEADER, Payload(rows=rows), sign=lambda _: b"", key_id=b"")
    assert read_payload(frame.body).rows == rows
