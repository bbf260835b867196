"""A parent refuses what could hurt it, and says why, before it pays for it."""

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
        {"counted": [rows_pb2.CountedRow(row=0, expected=1, reported=2)]},
        {"counted": [rows_pb2.CountedRow(row=0, statuses=[1] * 11)]},
    ],
)
def test_columns_that_do_not_match_are_named(columns: dict[str, object]) -> None:
    assert refusal_of(with_payload(block(**columns))) is RefusalCode.ROWS_INVALID


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
