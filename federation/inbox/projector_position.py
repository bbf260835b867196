"""How far the frame log of a stream was applied.

The position moves in the transaction that applied the frames, by compare-and-set: two
projectors may work on the same stream, one of them commits.
"""

from __future__ import annotations

from federation.storage.pool import PooledConnection

_FIRST = """
INSERT INTO projector_position (stream, epoch, sequence) VALUES ($1, 0, 0)
ON CONFLICT DO NOTHING
"""
_ADVANCE = """
UPDATE projector_position SET epoch = $4, sequence = $5
WHERE stream = $1 AND epoch = $2 AND sequence = $3
"""


async def read_projector_position(
    connection: PooledConnection, stream: str
) -> tuple[int, int]:
    """Return (epoch, sequence) of the last applied frame; (0, 0) before the first."""
    row = await connection.fetchrow(
        "SELECT epoch, sequence FROM projector_position WHERE stream = $1", stream
    )
    return (row["epoch"], row["sequence"]) if row else (0, 0)


async def advance_projector(
    connection: PooledConnection,
    stream: str,
    *,
    expected: tuple[int, int],
    to: tuple[int, int],
) -> bool:
    """Move the position in the caller's transaction.

    Returns:
        False when it was not at ``expected``: another projector was faster, and the
        caller's transaction must be undone.
    """
    if expected == (0, 0):
        await connection.execute(_FIRST, stream)
    return await connection.execute(_ADVANCE, stream, *expected, *to) == "UPDATE 1"
