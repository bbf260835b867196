"""Streams to the parent, their frames, and what their epochs have announced."""

from tortoise import migrations
from tortoise.migrations import operations as ops

CREATE = """
CREATE TABLE outbox_stream (
    stream text PRIMARY KEY,
    epoch bigint NOT NULL DEFAULT 0,
    start_head bytea NOT NULL,
    sequence bigint NOT NULL DEFAULT 0,
    head bytea NOT NULL,
    highest_epoch bigint NOT NULL DEFAULT 0,
    acknowledged_epoch bigint NOT NULL DEFAULT 0,
    acknowledged_sequence bigint NOT NULL DEFAULT 0,
    acknowledged_head bytea NOT NULL,
    acknowledged_at timestamptz,
    receipt bytea
);
COMMENT ON COLUMN outbox_stream.start_head IS 'head at sequence 0 of the epoch';
COMMENT ON COLUMN outbox_stream.receipt IS
    'newest receipt of the parent: a serialised Receipt';

CREATE TABLE outbox_frame (
    stream text NOT NULL,
    epoch bigint NOT NULL,
    sequence bigint NOT NULL,
    previous_head bytea NOT NULL,
    head bytea NOT NULL,
    body bytea NOT NULL,
    signature bytea NOT NULL,
    key_id bytea NOT NULL,
    row_count integer NOT NULL,
    size_bytes integer NOT NULL,
    sealed_at timestamptz NOT NULL,
    acknowledged_at timestamptz,
    PRIMARY KEY (stream, epoch, sequence)
);
COMMENT ON TABLE outbox_frame IS
    'sealed frames, evidence once acknowledged; never changed';
ALTER TABLE outbox_frame ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX outbox_frame_sealed_at ON outbox_frame (sealed_at);

CREATE TABLE outbox_epoch (
    stream text NOT NULL,
    epoch bigint NOT NULL,
    start_head bytea NOT NULL,
    common_epoch bigint NOT NULL,
    common_sequence bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    PRIMARY KEY (stream, epoch)
);
COMMENT ON TABLE outbox_epoch IS 'every epoch the parent granted, as evidence';

CREATE TABLE outbox_announced (
    stream text NOT NULL,
    epoch bigint NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    number bigint NOT NULL,
    fingerprint bytea NOT NULL,
    PRIMARY KEY (stream, epoch, kind, key)
);
"""

DROP = """
DROP TABLE outbox_announced;
DROP TABLE outbox_epoch;
DROP TABLE outbox_frame;
DROP TABLE outbox_stream;
"""


class Migration(migrations.Migration):
    """Adds the outbox."""

    dependencies = []
    operations = [ops.RunSQL(CREATE, reverse_sql=DROP)]
