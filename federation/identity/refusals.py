"""Refusals as messages: the wire's texts, and when to try again.

What a person at the parent can lift is tried again slowly; what can never succeed is
not tried again.
"""

from __future__ import annotations

from federation.wire.refusal import RefusalCode, WireError
from federation.wire.v1 import uplink_pb2 as pb

AT_ONCE_MS = 100
"""A new hello is the remedy."""
SOON_MS = 2_000
"""It passes by itself."""
SLOWLY_MS = 60_000
"""Somebody has to do something first."""
NEVER_MS = 0
"""The same thing is refused for ever."""

_RETRY_AFTER_MS = {
    RefusalCode.EPOCH_STALE: AT_ONCE_MS,
    RefusalCode.SEQUENCE_GAP: AT_ONCE_MS,
    RefusalCode.CHAIN_BROKEN: AT_ONCE_MS,
    RefusalCode.HELLO_REQUIRED: AT_ONCE_MS,
    RefusalCode.NONCE_INVALID: SOON_MS,
    RefusalCode.UNAVAILABLE: SOON_MS,
    RefusalCode.CREDITS_EXCEEDED: SOON_MS,
    RefusalCode.MALFORMED: SLOWLY_MS,
    RefusalCode.TOO_LARGE: SLOWLY_MS,
    RefusalCode.VERSION_UNSUPPORTED: SLOWLY_MS,
    RefusalCode.NODE_UNKNOWN: SLOWLY_MS,
    RefusalCode.KEY_UNKNOWN: SLOWLY_MS,
    RefusalCode.SIGNATURE_INVALID: SLOWLY_MS,
    RefusalCode.STREAM_NOT_ASSIGNED: SLOWLY_MS,
    RefusalCode.FENCED: SLOWLY_MS,
    RefusalCode.QUARANTINED: SLOWLY_MS,
}


def retry_after_ms(code: RefusalCode) -> int:
    """Return how long to wait before the next try; 0 when trying again is no use."""
    return _RETRY_AFTER_MS.get(code, NEVER_MS)


def refusal_of(
    error: WireError, *, stream: str = "", position: pb.Position | None = None
) -> pb.Refusal:
    """Return the message for an error of the wire.

    Args:
        error: What is refused, with its texts.
        stream: Stream; empty when the link itself is refused.
        position: The refused position, where there is one.
    """
    return pb.Refusal(
        stream=stream,
        code=pb.RefusalCode.Name(int(error.refusal)),
        text_vi=error.text_vi,
        text_en=error.text_en,
        retry_after_ms=retry_after_ms(error.refusal),
        position=position,
    )
