"""How the streams to the parent stand, for REST."""

from federation.api.present import moment, text_out
from federation.api.schemas import LinkOut
from federation.uplink.status import StreamStatus
from federation.uplink.uplink import Uplink


async def links_of(uplink: Uplink | None) -> list[LinkOut]:
    """Return every stream this tier sends; none where it has no parent."""
    if uplink is None:
        return []
    return [_link_out(stream) for stream in (await uplink.status()).streams]


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
