"""Sealing and opening frames: signed bytes in a chain.

A frame's body is serialised once, by who seals it, and carried as those bytes.
``head = SHA256(previous head | SHA256(body))``. Opening has two steps, because
only a frame whose signature verifies may be set aside: ``verify_frame`` trusts
nothing, ``check_payload`` finds out whether the signed content makes sense.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import zstandard
from google.protobuf.message import DecodeError

from federation.wire.limits import (
    CODEC_BYTES_MIN,
    FRAME_BYTES_MAX,
    FRAME_ROWS_MAX,
    PAYLOAD_RAW_BYTES_MAX,
)
from federation.wire.payload import Payload
from federation.wire.payload_codec import (
    decode_payload,
    encode_payload,
    validate_payload,
)
from federation.wire.refusal import RefusalCode, wire_error
from federation.wire.v1 import frame_pb2

PROTOCOL_VERSION = 1
HEAD_BYTES = 32
GENESIS_HEAD = bytes(HEAD_BYTES)

_ZSTD_LEVEL = 3
_ZSTD_WINDOW_BYTES_MAX = 32 * 1024 * 1024

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameHeader:
    """Where a frame stands and who sealed it when."""

    stream: str
    epoch: int
    sequence: int
    previous_head: bytes
    sealed_at_us: int
    boot_id: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedFrame:
    """A frame as it is stored and sent."""

    stream: str
    epoch: int
    sequence: int
    previous_head: bytes
    head: bytes
    body: bytes
    signature: bytes
    key_id: bytes
    row_count: int

    @property
    def size_bytes(self) -> int:
        """Return how many bytes the frame takes in flight, near enough."""
        return len(self.body) + len(self.signature) + len(self.key_id)

    def message(self) -> frame_pb2.Frame:
        """Return the frame as a message."""
        return frame_pb2.Frame(
            body=self.body, signature=self.signature, key_id=self.key_id
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedFrame:
    """A frame whose signature verifies; its payload is still packed."""

    header: FrameHeader
    frame: SealedFrame
    codec: int
    raw_length: int
    payload_hash: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class CheckedPayload:
    """A payload whose columns match and whose values are in range."""

    message: frame_pb2.Payload

    @property
    def row_count(self) -> int:
        """Return the rows of all blocks."""
        return sum(len(block.series) for block in self.message.blocks)

    def decode(self) -> Payload:
        """Return the payload as values."""
        return decode_payload(self.message)


def next_head(previous_head: bytes, body: bytes) -> bytes:
    """Return the head of the chain after a frame with this body."""
    return hashlib.sha256(previous_head + hashlib.sha256(body).digest()).digest()


def seal(
    header: FrameHeader, payload: Payload, *, sign: Sign, key_id: bytes
) -> SealedFrame:
    """Return a payload as a signed frame that continues ``header.previous_head``.

    Raises:
        WireError: ``TOO_LARGE`` when it has too many rows or bytes.
    """
    raw = encode_payload(payload).SerializeToString()
    if len(payload.rows) > FRAME_ROWS_MAX or len(raw) > PAYLOAD_RAW_BYTES_MAX:
        raise wire_error(
            RefusalCode.TOO_LARGE, f"{len(payload.rows)} rows, {len(raw)} bytes"
        )
    codec = frame_pb2.CODEC_NONE
    packed = raw
    if len(raw) >= CODEC_BYTES_MIN:
        codec = frame_pb2.CODEC_ZSTD
        packed = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(raw)
    body = frame_pb2.FrameBody(
        protocol_version=PROTOCOL_VERSION,
        stream=header.stream,
        epoch=header.epoch,
        sequence=header.sequence,
        previous_head=header.previous_head,
        payload_hash=hashlib.sha256(packed).digest(),
        codec=codec,
        row_count=len(payload.rows),
        raw_length=len(raw),
        sealed_at_us=header.sealed_at_us,
        boot_id=header.boot_id,
        payload=packed,
    ).SerializeToString()
    if len(body) > FRAME_BYTES_MAX:
        raise wire_error(RefusalCode.TOO_LARGE, f"{len(body)} bytes")
    return SealedFrame(
        stream=header.stream,
        epoch=header.epoch,
        sequence=header.sequence,
        previous_head=header.previous_head,
        head=next_head(header.previous_head, body),
        body=body,
        signature=sign(body),
        key_id=key_id,
        row_count=len(payload.rows),
    )


def read_header(body: bytes) -> FrameHeader:
    """Return what an unverified body says of itself, to find its key.

    Raises:
        WireError: ``TOO_LARGE``, ``MALFORMED`` or ``VERSION_UNSUPPORTED``.
    """
    return _header(_parse_body(body))


def verify_frame(
    body: bytes, signature: bytes, key_id: bytes, *, verify: Verify
) -> VerifiedFrame:
    """Return the frame when ``verify(body, signature)`` says that it is genuine.

    Raises:
        WireError: ``TOO_LARGE``, ``MALFORMED``, ``VERSION_UNSUPPORTED`` or
            ``SIGNATURE_INVALID``. Nothing of such a frame may be kept.
    """
    message = _parse_body(body)
    header = _header(message)
    if not verify(body, signature):
        raise wire_error(
            RefusalCode.SIGNATURE_INVALID,
            stream=header.stream,
            epoch=header.epoch,
            sequence=header.sequence,
        )
    frame = SealedFrame(
        stream=header.stream,
        epoch=header.epoch,
        sequence=header.sequence,
        previous_head=header.previous_head,
        head=next_head(header.previous_head, body),
        body=body,
        signature=signature,
        key_id=key_id,
        row_count=message.row_count,
    )
    return VerifiedFrame(
        header=header,
        frame=frame,
        codec=message.codec,
        raw_length=message.raw_length,
        payload_hash=message.payload_hash,
        payload=message.payload,
    )


def check_payload(verified: VerifiedFrame) -> CheckedPayload:
    """Return the payload of a genuine frame when it makes sense.

    The unpacked length is bounded before anything is unpacked.

    Raises:
        WireError: ``TOO_LARGE``, ``CODEC_INVALID`` or ``ROWS_INVALID``: the frame is
            set aside and its stream goes on.
    """
    raw = _unpack(verified)
    try:
        message = frame_pb2.Payload.FromString(raw)
    except DecodeError as error:
        raise wire_error(RefusalCode.CODEC_INVALID, "payload") from error
    validate_payload(message)
    checked = CheckedPayload(message)
    if checked.row_count != verified.frame.row_count:
        raise wire_error(
            RefusalCode.ROWS_INVALID,
            f"{checked.row_count} rows, {verified.frame.row_count} announced",
        )
    return checked


def read_payload(body: bytes) -> Payload:
    """Return the payload of a body that was verified before it was stored.

    Raises:
        WireError: as ``check_payload``.
    """
    verified = verify_frame(body, b"", b"", verify=lambda _body, _signature: True)
    return check_payload(verified).decode()


def _parse_body(body: bytes) -> frame_pb2.FrameBody:
    if len(body) > FRAME_BYTES_MAX:
        raise wire_error(RefusalCode.TOO_LARGE, f"{len(body)} bytes")
    try:
        return frame_pb2.FrameBody.FromString(body)
    except DecodeError as error:
        raise wire_error(RefusalCode.MALFORMED, "frame body") from error


def _header(message: frame_pb2.FrameBody) -> FrameHeader:
    if message.protocol_version != PROTOCOL_VERSION:
        raise wire_error(RefusalCode.VERSION_UNSUPPORTED, str(message.protocol_version))
    if not message.stream or len(message.previous_head) != HEAD_BYTES:
        raise wire_error(RefusalCode.MALFORMED, "stream, previous_head")
    if not 0 < message.epoch < 2**63 or not 0 < message.sequence < 2**63:
        raise wire_error(RefusalCode.MALFORMED, "epoch, sequence")
    return FrameHeader(
        stream=message.stream,
        epoch=message.epoch,
        sequence=message.sequence,
        previous_head=message.previous_head,
        sealed_at_us=message.sealed_at_us,
        boot_id=message.boot_id,
    )


def _unpack(verified: VerifiedFrame) -> bytes:
    packed = verified.payload
    if hashlib.sha256(packed).digest() != verified.payload_hash:
        raise wire_error(RefusalCode.CODEC_INVALID, "payload_hash")
    if verified.raw_length > PAYLOAD_RAW_BYTES_MAX:
        raise wire_error(RefusalCode.TOO_LARGE, f"{verified.raw_length} bytes")
    if verified.codec == frame_pb2.CODEC_NONE:
        raw = packed
    elif verified.codec == frame_pb2.CODEC_ZSTD:
        raw = _unpack_zstd(packed, verified.raw_length)
    else:
        raise wire_error(RefusalCode.CODEC_INVALID, f"codec {verified.codec}")
    if len(raw) != verified.raw_length:
        raise wire_error(RefusalCode.CODEC_INVALID, "raw_length")
    return raw


def _unpack_zstd(packed: bytes, raw_length: int) -> bytes:
    """Unpack only what says beforehand that it has the length it was signed with."""
    try:
        if zstandard.frame_content_size(packed) != raw_length:
            raise wire_error(RefusalCode.CODEC_INVALID, "content size")
        decompressor = zstandard.ZstdDecompressor(
            max_window_size=_ZSTD_WINDOW_BYTES_MAX
        )
        return decompressor.decompress(packed, max_output_size=raw_length)
    except zstandard.ZstdError as error:
        raise wire_error(RefusalCode.CODEC_INVALID, "zstd") from error
