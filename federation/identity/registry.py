"""The parent's side: which nodes exist, with which keys, speaking for what.

A token names one node and its areas. The first key that shows it becomes the node's
key; the same key may show it again, in case the answer was lost, and is answered the
same. Every enrolment raises the fence of its streams, so whoever spoke for them before
is fenced off from that commit on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from federation.clock import Clock
from federation.errors import ErrorCode, FederationError
from federation.identity.documents import Area, AssignmentDocument, sign_assignment
from federation.identity.keys import Signer, Verifier, key_id_of
from federation.identity.tokens import new_token, token_hash
from federation.wire.refusal import RefusalCode, wire_error

FENCE_MAX = 2**62
"""A higher fence is nonsense and never stored."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ChildNode:
    """A node that joined."""

    id: str
    public_key: bytes
    enrolled_at: datetime
    software_version: str = ""
    quarantined_at: datetime | None = None

    @property
    def key_id(self) -> bytes:
        """Return the id of the node's key."""
        return key_id_of(self.public_key)

    @property
    def verifier(self) -> Verifier:
        """Return the checker of the node's signatures."""
        return Verifier(self.public_key)


@dataclasses.dataclass(frozen=True, kw_only=True)
class JoinToken:
    """What a parent keeps of a token: all but the token."""

    hash: bytes
    node: str
    areas: tuple[Area, ...]
    created_at: datetime
    expires_at: datetime
    used_by_key_id: bytes | None = None
    used_at: datetime | None = None


class Registry(Protocol):
    """What a parent knows of its children."""

    async def create_token(
        self, *, node: str, areas: Sequence[Area], lifetime: timedelta
    ) -> str:
        """Return a new token; it is stored nowhere and shown this once.

        Raises:
            FederationError: No node, no area, or one twice (``invalid-argument``).
        """
        ...

    async def tokens(self) -> list[JoinToken]:
        """Return what is kept of all tokens, newest first."""
        ...

    async def enroll(
        self, *, node: str, token: str, public_key: bytes, software_version: str
    ) -> list[AssignmentDocument]:
        """Register the key and return the node's signed assignments.

        The caller has verified that the node holds the key.

        Raises:
            WireError: ``TOKEN_UNKNOWN``, ``TOKEN_USED``, ``TOKEN_EXPIRED``,
                ``NODE_UNKNOWN`` (the token is for another node) or ``FENCED`` (all its
                streams were assigned to others since).
        """
        ...

    async def node(self, node: str) -> ChildNode | None:
        """Return a node, or None when it never joined."""
        ...

    async def nodes(self) -> list[ChildNode]:
        """Return all nodes by id."""
        ...

    async def assignment(self, stream: str) -> AssignmentDocument | None:
        """Return the assignment with the highest fence."""
        ...

    async def assignments(self) -> dict[str, AssignmentDocument]:
        """Return for each stream the assignment with the highest fence."""
        ...

    async def was_assigned(self, stream: str, node: str) -> bool:
        """Return whether the stream was this node's at any time."""
        ...

    async def adopt(self, assignment: AssignmentDocument) -> None:
        """Keep an assignment that this parent signed and, restored, forgot."""
        ...

    async def quarantine(self, node: str) -> None:
        """Take nothing more from a node until it is released or joins again."""
        ...

    async def release(self, node: str) -> None:
        """End a quarantine."""
        ...


def check_token_areas(node: str, areas: Sequence[Area]) -> None:
    """Raise ``FederationError`` unless a token can be made for these."""
    streams = [area.stream for area in areas]
    if not node or not streams or not all(streams):
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            "Mã ghi danh cần tên nút và ít nhất một khu vực. Thêm tùy chọn node và "
            "area.",
            "A join token needs a node id and at least one area. Add the options node "
            "and area.",
        )
    if len(set(streams)) != len(streams) or not all(a.localities for a in areas):
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            "Một khu vực được nêu hai lần hoặc không có địa bàn nào. Nêu mỗi khu vực "
            "một lần, kèm địa bàn.",
            "An area is named twice or has no locality. Name each area once, with its "
            "localities.",
            {"areas": ", ".join(streams)},
        )


def check_token(
    token: JoinToken | None, *, node: str, key_id: bytes, now: datetime
) -> bool:
    """Return whether a token is used for the first time; raise when it may not be.

    Raises:
        WireError: See ``Registry.enroll``.
    """
    if token is None:
        raise wire_error(RefusalCode.TOKEN_UNKNOWN)
    if token.node != node:
        raise wire_error(RefusalCode.NODE_UNKNOWN, f"token ≠ {node}")
    if token.used_by_key_id is not None:
        if token.used_by_key_id != key_id:
            raise wire_error(RefusalCode.TOKEN_USED)
        return False
    if now >= token.expires_at:
        raise wire_error(
            RefusalCode.TOKEN_EXPIRED, f"{token.expires_at:%Y-%m-%d %H:%M}Z"
        )
    return True


def still_assigned(
    assignments: Sequence[AssignmentDocument], node: str
) -> list[AssignmentDocument]:
    """Return a node's own among the newest assignments; ``FENCED`` when none is."""
    own = [each for each in assignments if each.node == node]
    if not own:
        raise wire_error(RefusalCode.FENCED)
    return own


class MemoryRegistry:
    """The twin in memory."""

    def __init__(self, *, signer: Signer, clock: Clock) -> None:
        self._signer = signer
        self._clock = clock
        self._tokens: dict[bytes, JoinToken] = {}
        self._nodes: dict[str, ChildNode] = {}
        self._assignments: dict[str, dict[int, AssignmentDocument]] = {}

    async def create_token(
        self, *, node: str, areas: Sequence[Area], lifetime: timedelta
    ) -> str:
        """See ``Registry``."""
        check_token_areas(node, areas)
        token, now = new_token(), self._clock.now()
        self._tokens[token_hash(token)] = JoinToken(
            hash=token_hash(token),
            node=node,
            areas=tuple(areas),
            created_at=now,
            expires_at=now + lifetime,
        )
        return token

    async def tokens(self) -> list[JoinToken]:
        """See ``Registry``."""
        return list(reversed(self._tokens.values()))

    async def enroll(
        self, *, node: str, token: str, public_key: bytes, software_version: str
    ) -> list[AssignmentDocument]:
        """See ``Registry``."""
        now, key_id = self._clock.now(), key_id_of(public_key)
        kept = self._tokens.get(token_hash(token))
        if check_token(kept, node=node, key_id=key_id, now=now) and kept:
            self._tokens[kept.hash] = dataclasses.replace(
                kept, used_by_key_id=key_id, used_at=now
            )
            self._nodes[node] = ChildNode(
                id=node,
                public_key=public_key,
                enrolled_at=now,
                software_version=software_version,
            )
            for area in kept.areas:
                await self.adopt(
                    sign_assignment(
                        self._signer,
                        area=area,
                        node=node,
                        fence=1 + max(self._assignments.get(area.stream, {0: None})),
                        signed_at=now,
                    )
                )
        newest = await self.assignments()
        return still_assigned(
            [newest[area.stream] for area in kept.areas] if kept else [], node
        )

    async def node(self, node: str) -> ChildNode | None:
        """See ``Registry``."""
        return self._nodes.get(node)

    async def nodes(self) -> list[ChildNode]:
        """See ``Registry``."""
        return [self._nodes[node] for node in sorted(self._nodes)]

    async def assignment(self, stream: str) -> AssignmentDocument | None:
        """See ``Registry``."""
        return (await self.assignments()).get(stream)

    async def assignments(self) -> dict[str, AssignmentDocument]:
        """See ``Registry``."""
        return {
            stream: fences[max(fences)] for stream, fences in self._assignments.items()
        }

    async def was_assigned(self, stream: str, node: str) -> bool:
        """See ``Registry``."""
        fences = self._assignments.get(stream, {})
        return any(each.node == node for each in fences.values())

    async def adopt(self, assignment: AssignmentDocument) -> None:
        """See ``Registry``."""
        if assignment.fence <= FENCE_MAX:
            fences = self._assignments.setdefault(assignment.stream, {})
            fences.setdefault(assignment.fence, assignment)

    async def quarantine(self, node: str) -> None:
        """See ``Registry``."""
        self._mark(node, self._clock.now())

    async def release(self, node: str) -> None:
        """See ``Registry``."""
        self._mark(node, None)

    def _mark(self, node: str, quarantined_at: datetime | None) -> None:
        if node in self._nodes:
            self._nodes[node] = dataclasses.replace(
                self._nodes[node], quarantined_at=quarantined_at
            )
