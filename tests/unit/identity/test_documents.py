"""Assignments and receipts mean only what was signed, and only for their purpose."""

from datetime import UTC, datetime

import pytest

from federation.errors import ErrorCode, FederationError
from federation.identity.documents import (
    Area,
    ChainPosition,
    open_assignment,
    open_receipt,
    sign_assignment,
    sign_receipt,
)
from federation.identity.keys import Signer
from federation.identity.signatures import Purpose, sign, signed_bytes
from federation.wire.v1 import uplink_pb2 as pb

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
AREA = Area(stream="vinh", localities=("vinh", "412"), includes_parts=True)


def test_an_assignment_arrives_as_it_was_signed() -> None:
    parent = Signer.generate()
    made = sign_assignment(parent, area=AREA, node="vinh", fence=3, signed_at=NOW)
    assert open_assignment(made.message(), parent.verifier()) == made


def test_a_receipt_arrives_as_it_was_signed() -> None:
    parent = Signer.generate()
    position = ChainPosition(epoch=2, sequence=7, head=b"h" * 32)
    made = sign_receipt(parent, stream="vinh", position=position, signed_at=NOW)
    assert open_receipt(made.message(), parent.verifier()) == made


def test_a_document_of_another_key_is_refused() -> None:
    made = sign_assignment(
        Signer.generate(), area=AREA, node="vinh", fence=1, signed_at=NOW
    )
    with pytest.raises(FederationError) as refused:
        open_assignment(made.message(), Signer.generate().verifier())
    assert refused.value.code is ErrorCode.WIRE


def test_an_assignment_can_not_be_shown_as_a_receipt() -> None:
    parent = Signer.generate()
    made = sign_assignment(parent, area=AREA, node="", fence=1, signed_at=NOW)
    shown = pb.Receipt(body=made.body, signature=made.signature, key_id=made.key_id)
    with pytest.raises(FederationError):
        open_receipt(shown, parent.verifier())


def test_a_signed_body_that_is_no_document_is_refused() -> None:
    parent = Signer.generate()
    body = b"\xff\xff"
    with pytest.raises(FederationError):
        open_receipt(
            pb.Receipt(body=body, signature=sign(parent, Purpose.RECEIPT, body)),
            parent.verifier(),
        )
    with pytest.raises(FederationError):
        open_assignment(
            pb.Assignment(body=body, signature=sign(parent, Purpose.ASSIGNMENT, body)),
            parent.verifier(),
        )


def test_purposes_and_parts_never_meet() -> None:
    bodies = [signed_bytes(purpose, b"ab", b"c") for purpose in Purpose]
    bodies += [signed_bytes(purpose, b"a", b"bc") for purpose in Purpose]
    bodies += [signed_bytes(purpose, b"abc") for purpose in Purpose]
    assert len(set(bodies)) == 3 * len(Purpose)
    # A frame's body begins with the tag of its first field.
    assert all(not body.startswith(b"\x08") for body in bodies)
