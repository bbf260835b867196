"""The SQL of the outbox.

Lock order: first the stream's row in ``outbox_stream``, then values. Sealing never
waits for a value (``SKIP LOCKED``): one that somebody is writing is about to change, so
it is left for the next frame, and no deadlock with writers is possible.
"""

ADD_STREAM = """
INSERT INTO outbox_stream (stream, start_head, head, acknowledged_head)
VALUES ($1, $2, $2, $2) ON CONFLICT DO NOTHING
"""

POSITIONS = "SELECT * FROM outbox_stream WHERE stream = $1"
POSITIONS_LOCKED = POSITIONS + " FOR UPDATE"

_PENDING = """
SELECT series.id AS series_id, series.indicator, series.contract_hash,
    series.frequency, series.locality, series.agency, series.breakdown, series.basis,
    series.withheld_ground, value.*
FROM value
JOIN series ON series.id = value.series_id
JOIN indicator_contract AS contract ON contract.id = series.indicator
    AND contract.contract_hash = series.contract_hash
WHERE value.stream = $1 AND value.sealed_sequence IS NULL
ORDER BY value.period_day {direction} LIMIT $2
FOR UPDATE OF value SKIP LOCKED
"""
PENDING_NEWEST = _PENDING.format(direction="DESC")
PENDING_OLDEST = _PENDING.format(direction="ASC")

PENDING_COUNT = """
SELECT count(*) FROM (
    SELECT FROM value WHERE stream = $1 AND sealed_sequence IS NULL LIMIT $2
) AS pending
"""

UNCONFIRMED = "SELECT EXISTS (SELECT FROM value WHERE stream = $1 AND flags & 1 = 1)"

WITHHELD = """
SELECT indicator, locality, agency, breakdown, basis, withheld_ground FROM series
WHERE stream = $1 AND withheld_ground IS NOT NULL
ORDER BY indicator, locality, agency, breakdown, basis
"""

CONTRACTS = """
SELECT document FROM indicator_contract WHERE id = ANY($1) OR composed_of && $1
"""

CALENDARS = "SELECT id, document FROM calendar_contract"

ANNOUNCED = """
SELECT kind, key, number, fingerprint FROM outbox_announced
WHERE stream = $1 AND epoch = $2
"""

ANNOUNCE = """
INSERT INTO outbox_announced (stream, epoch, kind, key, number, fingerprint)
SELECT $1, $2, given.* FROM unnest($3::text[], $4::text[], $5::bigint[], $6::bytea[])
    AS given (kind, key, number, fingerprint)
ON CONFLICT (stream, epoch, kind, key) DO UPDATE
SET number = excluded.number, fingerprint = excluded.fingerprint
"""

MARK_SEALED = """
UPDATE value SET sealed_epoch = $3, sealed_sequence = $4
FROM unnest($1::bigint[], $2::bigint[]) AS taken (series_id, period_start)
WHERE value.series_id = taken.series_id AND value.period_start = taken.period_start
"""

KEEP_FRAME = """
INSERT INTO outbox_frame (stream, epoch, sequence, previous_head, head, body,
    signature, key_id, row_count, size_bytes, sealed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""

ADVANCE = "UPDATE outbox_stream SET sequence = $2, head = $3 WHERE stream = $1"

FRAMES_AFTER = """
SELECT stream, epoch, sequence, previous_head, head, body, signature, key_id, row_count
FROM outbox_frame
WHERE stream = $1 AND epoch = $2 AND sequence > $3 AND sequence <= $4
ORDER BY sequence
"""

FRAME_COUNT = """
SELECT count(*) FROM outbox_frame
WHERE stream = $1 AND epoch = $2 AND sequence > $3 AND sequence <= $4
"""

FRAME_HEADS = """
SELECT frame.epoch, frame.sequence, frame.head FROM outbox_frame AS frame
JOIN unnest($2::bigint[], $3::bigint[]) AS asked (epoch, sequence)
    USING (epoch, sequence)
WHERE frame.stream = $1
"""

ACKNOWLEDGE = """
UPDATE outbox_stream SET acknowledged_epoch = $2, acknowledged_sequence = $3,
    acknowledged_head = $4, acknowledged_at = $5, receipt = $6
WHERE stream = $1
"""

FRAMES_ACKNOWLEDGED = """
UPDATE outbox_frame SET acknowledged_at = $5
WHERE stream = $1 AND epoch = $2 AND sequence > $3 AND sequence <= $4
    AND acknowledged_at IS NULL
"""

SEALED_AFTER = """
SELECT EXISTS (SELECT FROM value
    WHERE stream = $1 AND (sealed_epoch, sealed_sequence) > ($2, $3))
"""

# Taken before any row, and writers need nothing that this transaction holds before it:
# so writers that are under way finish first, and new ones wait.
LOCK_VALUES = "LOCK TABLE value IN EXCLUSIVE MODE"

BACK_TO_PENDING = """
UPDATE value SET sealed_epoch = NULL, sealed_sequence = NULL
WHERE stream = $1 AND (sealed_epoch, sealed_sequence) > ($2, $3)
"""

OPEN_EPOCH = """
UPDATE outbox_stream SET epoch = $2, start_head = $3, sequence = 0, head = $3,
    highest_epoch = $2, acknowledged_epoch = $2, acknowledged_sequence = 0,
    acknowledged_head = $3, acknowledged_at = $4, receipt = $5
WHERE stream = $1
"""

NOTE_EPOCH = """
INSERT INTO outbox_epoch
    (stream, epoch, start_head, common_epoch, common_sequence, opened_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""

FORGET_ANNOUNCED = "DELETE FROM outbox_announced WHERE stream = $1"

_DONE = """
SELECT frame.stream, frame.epoch, frame.sequence, frame.sealed_at, frame.size_bytes,
    coalesce(frame.acknowledged_at, frame.sealed_at) AS done_at
FROM outbox_frame AS frame JOIN outbox_stream USING (stream)
WHERE (frame.acknowledged_at IS NOT NULL OR frame.epoch < outbox_stream.epoch)
"""

PRUNE = f"""
DELETE FROM outbox_frame AS frame USING (
    SELECT * FROM (
        SELECT done.*, sum(size_bytes) OVER (ORDER BY sealed_at, stream, sequence)
            AS freed_bytes
        FROM ({_DONE}) AS done
    ) AS old
    WHERE done_at < $1
        OR freed_bytes - size_bytes
            < (SELECT sum(size_bytes) FROM outbox_frame) - $2::bigint
    ORDER BY sealed_at LIMIT $3
) AS old
WHERE (frame.stream, frame.epoch, frame.sequence)
    = (old.stream, old.epoch, old.sequence)
"""  # noqa: S608

STATS = """
SELECT
    (SELECT count(*) FROM value WHERE stream = $1 AND sealed_sequence IS NULL)
        AS pending_rows,
    (SELECT min(known_at) FROM value WHERE stream = $1 AND sealed_sequence IS NULL)
        AS oldest_pending_at,
    (SELECT count(*) FROM outbox_frame WHERE stream = $1) AS frames,
    (SELECT coalesce(sum(size_bytes), 0)::bigint FROM outbox_frame WHERE stream = $1)
        AS frame_bytes
"""
