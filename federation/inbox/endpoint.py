"""What a transport calls: enrolment, and links from their opening to their end."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

import structlog

from federation.errors import FederationError
from federation.identity.keys import PUBLIC_KEY_BYTES, Verifier
from federation.identity.refusals import refusal_of
from federation.identity.signatures import Purpose, verified
from federation.identity.tokens import read_token
from federation.inbox.limits import NAME_CHARACTERS_MAX
from federation.inbox.link import Link
from federation.inbox.services import Services, refuse, unavailable
from federation.inbox.session import InboxSession
from federation.storage.errors import StorageError
from federation.wire.refusal import RefusalCode, WireError, wire_error
from federation.wire.v1 import uplink_pb2 as pb

log = structlog.get_logger(__name__)


class Inbox:
    """A parent, whatever carries its links.

    A node has one live link: a newer genuine one ends the older with Goodbye
    ``superseded``, in this process at once, in another at its next heartbeat. Until
    then both may send; the cursors judge.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        # In the order they came.
        self._links: dict[Link, InboxSession] = {}
        self._by_node: dict[str, Link] = {}

    @property
    def live_nodes(self) -> list[str]:
        """Return the nodes with a live link in this process."""
        return sorted(self._by_node)

    async def enroll(self, request: pb.EnrollRequest) -> pb.EnrollResponse:
        """Answer a node that asks to be known."""
        try:
            assignments = await self._enroll(request)
        except WireError as error:
            refused = error
        except StorageError as error:
            refused = unavailable(error, node=request.node)
        else:
            log.info("node_enrolled", node=request.node)
            return pb.EnrollResponse(
                parent=self._services.parent,
                parent_public_key=self._services.signer.public_key,
                assignments=assignments,
            )
        # The id is a stranger's own word: not a line of megabytes in the log.
        node = request.node[:NAME_CHARACTERS_MAX]
        log.warning("enrolment_refused", node=node, code=refused.refusal.name)
        return pb.EnrollResponse(refusal=refusal_of(refused))

    async def _enroll(self, request: pb.EnrollRequest) -> list[pb.Assignment]:
        key, node = request.public_key, request.node
        if len(key) != PUBLIC_KEY_BYTES or not 0 < len(node) <= NAME_CHARACTERS_MAX:
            raise wire_error(RefusalCode.MALFORMED, "node, public_key")
        if not verified(
            Verifier(key), request.proof, Purpose.ENROLMENT, node, request.token, key
        ):
            raise wire_error(RefusalCode.SIGNATURE_INVALID, "proof")
        try:
            token = read_token(request.token)
        except FederationError as error:
            raise wire_error(RefusalCode.TOKEN_UNKNOWN) from error
        documents = await self._services.registry.enroll(
            node=node,
            token=token,
            public_key=key,
            software_version=request.software_version,
        )
        return [each.message() for each in documents]

    async def converse(
        self, requests: AsyncIterator[pb.LinkRequest]
    ) -> AsyncGenerator[pb.LinkResponse, None]:
        """Hold one link: it ends with ``requests``, or when the parent ends it.

        Close the iterator (``aclose``) when the transport is gone.
        """
        services = self._services
        if len(self._links) >= services.limits.links_max and not self._room():
            yield refuse(wire_error(RefusalCode.UNAVAILABLE, "links_max"), node="")
            return
        session = InboxSession(services, joined=lambda: self._join(link))
        link = Link(session, services.limits)
        self._links[link] = session
        try:
            async with contextlib.aclosing(link.run(requests)) as responses:
                async for response in responses:
                    yield response
        finally:
            self._links.pop(link, None)
            if self._by_node.get(session.node) is link:
                del self._by_node[session.node]
                # A superseded link has no word about the node any more.
                await session.leave()

    def _room(self) -> bool:
        """End the oldest link that never said a genuine hello; False without one.

        A place costs a stranger nothing: strangers must never keep the children out.
        """
        for link, session in self._links.items():
            if not session.authenticated:
                del self._links[link]
                link.end("restart")
                return True
        return False

    def _join(self, link: Link) -> None:
        older = self._by_node.get(link.node)
        self._by_node[link.node] = link
        if older is not None:
            log.info("link_superseded", node=link.node)
            older.end("superseded")

    def close(self) -> None:
        """Say goodbye on every link; each ends by itself."""
        for link in self._links:
            link.end("shutdown")
