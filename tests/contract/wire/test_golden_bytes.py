"""Bytes that were sealed once can be read for ever."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.wire.frames import (
    GENESIS_HEAD,
    FrameHeader,
    SealedFrame,
    check_payload,
    seal,
    verify_frame,
)
from federation.wire.payload import Payload, WireRow
from tests.contract.wire.examples import EVERYTHING

GOLDEN = Path(__file__).parent / "golden"
# A key for nothing but these bytes; Ed25519 signatures are deterministic.
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
HEADER = FrameHeader(
    stream="vinh",
    epoch=2,
    sequence=7,
    previous_head=GENESIS_HEAD,
    sealed_at_us=1_735_689_600_000_000,
    boot_id=bytes(range(16)),
)


def sealed() -> SealedFrame:
    return seal(HEADER, EVERYTHING, sign=KEY.sign, key_id=bytes(32))


def genuine(body: bytes, signature: bytes) -> bool:
    KEY.public_key().verify(signature, body)
    return True


def by_series(payload: Payload) -> list[WireRow]:
    return sorted(payload.rows, key=lambda row: row.series)


def test_a_frame_sealed_by_version_1_still_says_everything_it_said() -> None:
    body = (GOLDEN / "v1_everything.body").read_bytes()
    signature = (GOLDEN / "v1_everything.signature").read_bytes()
    verified = verify_frame(body, signature, bytes(32), verify=genuine)
    payload = check_payload(verified).decode()
    assert verified.header == HEADER
    assert by_series(payload) == by_series(EVERYTHING)
    for field in Payload.__dataclass_fields__:
        if field != "rows":
            assert getattr(payload, field) == getattr(EVERYTHING, field)


def test_the_same_payload_seals_to_the_same_head_and_signature_in_one_release() -> None:
    first, second = sealed(), sealed()
    assert (first.body, first.head, first.signature) == (
        second.body,
        second.head,
        second.signature,
    )


def test_a_head_binds_the_whole_chain() -> None:
    frame = sealed()
    assert frame.head.hex() == (GOLDEN / "v1_everything.head").read_text().strip()
