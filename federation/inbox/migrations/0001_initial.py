"""Cursors, frame log, dead letters, hellos, links and the projector's position."""

from tortoise import migrations
from tortoise.migrations import operations as ops

CREATE = """
CREATE TABLE inbox_cursor (
    stream text PRIMARY KEY,
    epoch bigint NOT NULL DEFAULT 0,
    sequence bigint NOT NULL DEFAULT 0,
    head bytea NOT NULL CHECK (length(head) = 32),
    highest_epoch bigint NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    frame_count bigint NOT NULL DEFAULT 0,
    committed_at timestamptz,
    CHECK (epoch >= 0 AND sequence >= 0 AND highest_epoch >= epoch)
) WITH (fillfactor = 50);
COMMENT ON TABLE inbox_cursor IS 'The truth of delivery: what this tier holds';

CREATE TABLE frame_log (
    stream text NOT NULL,
    epoch bigint NOT NULL,
    sequence bigint NOT NULL,
    ordinal bigint NOT NULL,
    head bytea NOT NULL,
    body bytea NOT NULL,
    signature bytea NOT NULL,
    key_id bytea NOT NULL,
    node text NOT NULL,
    received_at timestamptz NOT NULL,
    set_aside boolean NOT NULL DEFAULT false,
    PRIMARY KEY (stream, epoch, sequence)
);
-- Bodies are compressed before they are signed.
ALTER TABLE frame_log ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX frame_log_ordinal ON frame_log (stream, ordinal);
COMMENT ON TABLE frame_log IS 'Signed frames as they came; ordinal counts the chain';

CREATE TABLE dead_letter (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream text NOT NULL,
    epoch bigint NOT NULL,
    sequence bigint NOT NULL,
    series bigint,
    period_start bigint,
    code smallint NOT NULL,
    detail text NOT NULL DEFAULT '',
    found_at timestamptz NOT NULL,
    told_at timestamptz,
    UNIQUE NULLS NOT DISTINCT (stream, epoch, sequence, series, period_start)
);
CREATE INDEX dead_letter_untold ON dead_letter (stream, id) WHERE told_at IS NULL;
COMMENT ON TABLE dead_letter IS 'Frames and rows set aside; told_at: the child knows';

CREATE TABLE inbox_hello (
    stream text NOT NULL,
    node text NOT NULL,
    boot_id bytea NOT NULL,
    fence bigint NOT NULL,
    count bigint NOT NULL DEFAULT 1,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (stream, node, boot_id)
);
COMMENT ON TABLE inbox_hello IS 'Which starts of which node said hello: evidence';

CREATE TABLE inbox_link (
    node text PRIMARY KEY,
    link_id bytea NOT NULL,
    boot_id bytea NOT NULL,
    software_version text NOT NULL,
    connected boolean NOT NULL,
    opened_at timestamptz NOT NULL,
    heard_at timestamptz NOT NULL,
    clock_offset_us bigint
) WITH (fillfactor = 50);
COMMENT ON TABLE inbox_link IS 'Newest link of each node';

CREATE TABLE projector_position (
    stream text PRIMARY KEY,
    epoch bigint NOT NULL,
    sequence bigint NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE projector_position IS 'Last frame of each stream that was applied';
"""

DROP = """
DROP TABLE projector_position;
DROP TABLE inbox_link;
DROP TABLE inbox_hello;
DROP TABLE dead_letter;
DROP TABLE frame_log;
DROP TABLE inbox_cursor;
"""


class Migration(migrations.Migration):
    """Adds the inbox of a parent."""

    dependencies = []
    operations = [ops.RunSQL(CREATE, reverse_sql=DROP)]
