"""How the streams to the parent stand, for REST."""

from federation.api.present import moment, text_out
from federation.api.schemas import LinkOut
from federation.uplink.status import StreamStatus, UplinkStatus
from federation.uplink.uplink import Uplink


async def links_of(uplink: Uplink | None) -> list[LinkOut]:
    """Return every stream this tier sends; none where it has no parent.

    Before it joined there is no stream yet: one link without a name says how the
    joining stands.
    """
    if uplink is None:
        return []
    status = await uplink.status()
    if not status.streams:
        return [_joining(status)]
    return [_link_out(stream) for stream in status.streams]


def _joining(status: UplinkStatus) -> LinkOut:
    error = status.last_error
    return LinkOut(
        stream="",
        parent=status.parent,
        state=status.state.value,
        epoch=0,
        sealed=0,
        acknowledged=0,
        pending_rows=0,
        last_acknowledged_at=None,
        last_error=None if error is None else text_out(error),
    )


def _link_out(stream: StreamStatus) -> LinkOut:
    acknowledged_at, error = stream.last_acknowledged_at, stream.last_error
    return LinkOut(
        stream=stream.stream,
        parent=stream.parent,
        state=stream.state.value,
        epoch=stream.epoch,
        sealed=stream.sealed,
        acknowledged=stream.acknowledged,
        pending_rows=stream.pending_rows,
        last_acknowledged_at=moment(acknowledged_at) if acknowledged_at else None,
        last_error=text_out(error) if error is not None else None,
    )
