"""The child's side: joining a parent, and remembering who it is.

What a node keeps of its parent: the parent's id and public key from the enrolment, and
for each stream the assignment with the highest fence it ever saw. A refused node keeps
it too, so a restored parent can learn again what it signed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from federation.clock import Clock
from federation.errors import ErrorCode, FederationError
from federation.identity.documents import (
    AssignmentDocument,
    ReceiptDocument,
    open_assignment,
    open_receipt,
    stored_assignment,
)
from federation.identity.keys import PUBLIC_KEY_BYTES, Signer, Verifier, key_id_of
from federation.identity.signatures import Purpose, sign, verified
from federation.identity.tokens import JoinTicket
from federation.storage.pool import Pool, transaction
from federation.wire.refusal import RefusalCode
from federation.wire.v1 import uplink_pb2 as pb


@dataclasses.dataclass(frozen=True, kw_only=True)
class Enrolment:
    """What a node knows of the parent it joined."""

    parent: str
    parent_public_key: bytes
    enrolled_at: datetime

    @property
    def verifier(self) -> Verifier:
        """Return the checker of the parent's signatures."""
        return Verifier(self.parent_public_key)

    def open_assignment(self, message: pb.Assignment) -> AssignmentDocument:
        """Return a genuine assignment; raise ``FederationError`` (``wire``) else."""
        return open_assignment(message, self.verifier)

    def open_receipt(self, message: pb.Receipt) -> ReceiptDocument:
        """Return a genuine receipt; raise ``FederationError`` (``wire``) else."""
        return open_receipt(message, self.verifier)


class EnrolmentStore(Protocol):
    """Where a node keeps its enrolment. A node has one parent."""

    async def load(self) -> Enrolment | None:
        """Return the enrolment, or None before the first."""
        ...

    async def save(
        self, enrolment: Enrolment, assignments: Sequence[AssignmentDocument]
    ) -> None:
        """Keep an enrolment and its assignments; the last enrolment stands.

        Assignments of another parent's key go, those of the same key stay.
        """
        ...

    async def keep(self, assignment: AssignmentDocument) -> None:
        """Keep an assignment, unless one with a higher fence is kept already."""
        ...

    async def assignments(self) -> dict[str, AssignmentDocument]:
        """Return the newest kept assignment of each stream."""
        ...


def enrolment_request(
    signer: Signer, *, node: str, ticket: JoinTicket, software_version: str
) -> pb.EnrollRequest:
    """Return the request of a node to be known, with the proof of its key."""
    return pb.EnrollRequest(
        node=node,
        token=ticket.token,
        public_key=signer.public_key,
        proof=sign(signer, Purpose.ENROLMENT, node, ticket.token, signer.public_key),
        software_version=software_version,
    )


async def accept_enrolment(
    response: pb.EnrollResponse,
    *,
    node: str,
    ticket: JoinTicket,
    store: EnrolmentStore,
    clock: Clock,
) -> Enrolment:
    """Check a parent's answer and keep it; return who the parent is.

    Raises:
        FederationError: The parent refused (``refused-by-parent``; ``where`` has the
            refusal code, ``retry_after_s`` is None when trying again is no use), is
            not the one the ticket names, or answered nonsense (``wire``).
    """
    if response.HasField("refusal"):
        raise refused_by_parent(response.refusal)
    key = response.parent_public_key
    if len(key) != PUBLIC_KEY_BYTES or not response.parent:
        raise _not_the_parent("parent_public_key")
    if ticket.parent_key_id and key_id_of(key) != ticket.parent_key_id:
        raise _not_the_parent("parent_key_id")
    enrolment = Enrolment(
        parent=response.parent, parent_public_key=key, enrolled_at=clock.now()
    )
    documents = [enrolment.open_assignment(each) for each in response.assignments]
    if not documents or any(each.node != node for each in documents):
        raise _not_the_parent("assignments")
    await store.save(enrolment, documents)
    return enrolment


def refused_by_parent(refusal: pb.Refusal) -> FederationError:
    """Return a parent's refusal as an error of this node."""
    try:
        code = RefusalCode(refusal.code).name
    except ValueError:
        code = str(refusal.code)
    return FederationError(
        ErrorCode.REFUSED_BY_PARENT,
        f"Cấp trên từ chối: {refusal.text_vi}",
        f"The parent refused: {refusal.text_en}",
        {"refusal": code, "stream": refusal.stream},
        retry_after_s=refusal.retry_after_ms / 1000 or None,
    )


def challenge_is_genuine(
    enrolment: Enrolment, opened: pb.Open, challenge: pb.Challenge
) -> bool:
    """Return whether the enrolled parent answered exactly this ``Open``."""
    return challenge.key_id == enrolment.verifier.key_id and verified(
        enrolment.verifier,
        challenge.signature,
        Purpose.CHALLENGE,
        opened.nonce,
        challenge.nonce,
        opened.node,
        opened.boot_id,
    )


def hello_signature(
    signer: Signer, *, nonce: bytes, node: str, stream: str, boot_id: bytes
) -> bytes:
    """Return the node's signature for ``Hello.signature``."""
    return sign(signer, Purpose.HELLO, nonce, node, stream, boot_id)


class MemoryEnrolmentStore:
    """The twin in memory."""

    def __init__(self) -> None:
        self._enrolment: Enrolment | None = None
        self._assignments: dict[str, AssignmentDocument] = {}

    async def load(self) -> Enrolment | None:
        """See ``EnrolmentStore``."""
        return self._enrolment

    async def save(
        self, enrolment: Enrolment, assignments: Sequence[AssignmentDocument]
    ) -> None:
        """See ``EnrolmentStore``."""
        self._enrolment = enrolment
        key_id = key_id_of(enrolment.parent_public_key)
        self._assignments = {
            stream: each
            for stream, each in self._assignments.items()
            if each.key_id == key_id
        }
        for each in assignments:
            await self.keep(each)

    async def keep(self, assignment: AssignmentDocument) -> None:
        """See ``EnrolmentStore``."""
        kept = self._assignments.get(assignment.stream)
        if kept is None or kept.fence < assignment.fence:
            self._assignments[assignment.stream] = assignment

    async def assignments(self) -> dict[str, AssignmentDocument]:
        """See ``EnrolmentStore``."""
        return dict(self._assignments)


_KEEP = """
INSERT INTO enrolment_assignment (stream, fence, body, signature, key_id)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[])
ON CONFLICT (stream) DO UPDATE SET fence = excluded.fence, body = excluded.body,
    signature = excluded.signature, key_id = excluded.key_id
WHERE enrolment_assignment.fence < excluded.fence
"""


class PostgresEnrolmentStore:
    """The node's own database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def load(self) -> Enrolment | None:
        """See ``EnrolmentStore``."""
        async with transaction(self._pool, doing="load enrolment") as connection:
            row = await connection.fetchrow(
                "SELECT parent, public_key, enrolled_at FROM enrolment"
            )
        if row is None:
            return None
        return Enrolment(
            parent=row["parent"],
            parent_public_key=row["public_key"],
            enrolled_at=row["enrolled_at"],
        )

    async def save(
        self, enrolment: Enrolment, assignments: Sequence[AssignmentDocument]
    ) -> None:
        """See ``EnrolmentStore``."""
        async with transaction(self._pool, doing="save enrolment") as connection:
            await connection.execute(
                "INSERT INTO enrolment (parent, public_key, enrolled_at) "
                "VALUES ($1, $2, $3) ON CONFLICT (one) DO UPDATE SET "
                "parent = excluded.parent, public_key = excluded.public_key, "
                "enrolled_at = excluded.enrolled_at",
                enrolment.parent,
                enrolment.parent_public_key,
                enrolment.enrolled_at,
            )
            await connection.execute(
                "DELETE FROM enrolment_assignment WHERE key_id <> $1",
                key_id_of(enrolment.parent_public_key),
            )
            await connection.execute(_KEEP, *_columns(assignments))

    async def keep(self, assignment: AssignmentDocument) -> None:
        """See ``EnrolmentStore``."""
        async with transaction(self._pool, doing="keep assignment") as connection:
            await connection.execute(_KEEP, *_columns([assignment]))

    async def assignments(self) -> dict[str, AssignmentDocument]:
        """See ``EnrolmentStore``."""
        async with transaction(self._pool, doing="read assignments") as connection:
            rows = await connection.fetch(
                "SELECT body, signature, key_id FROM enrolment_assignment"
            )
        documents = [
            stored_assignment(row["body"], row["signature"], row["key_id"])
            for row in rows
        ]
        return {each.stream: each for each in documents}


def _columns(assignments: Sequence[AssignmentDocument]) -> tuple[list[object], ...]:
    return (
        [each.stream for each in assignments],
        [each.fence for each in assignments],
        [each.body for each in assignments],
        [each.signature for each in assignments],
        [each.key_id for each in assignments],
    )


def _not_the_parent(what: str) -> FederationError:
    return FederationError(
        ErrorCode.WIRE,
        f"Câu trả lời ghi danh không phải của cấp trên đã tạo mã ({what} không khớp). "
        "Kiểm tra địa chỉ cấp trên trong cấu hình; không có gì được lưu.",
        "The answer to the enrolment is not of the parent that made the token "
        f"({what} does not fit). Check the parent's address in the configuration; "
        "nothing was kept.",
        {"field": what},
    )
