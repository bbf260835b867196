"""Nodes, join tokens and assignments of a parent; the enrolment of a child."""

from tortoise import migrations
from tortoise.migrations import operations as ops

CREATE = """
CREATE TABLE child_node (
    id text PRIMARY KEY,
    public_key bytea NOT NULL CHECK (length(public_key) = 32),
    enrolled_at timestamptz NOT NULL,
    software_version text NOT NULL DEFAULT '',
    quarantined_at timestamptz
);
COMMENT ON TABLE child_node IS 'Nodes that joined this tier, with their keys';

CREATE TABLE join_token (
    hash bytea PRIMARY KEY CHECK (length(hash) = 32),
    node text NOT NULL,
    areas jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_by_key_id bytea,
    used_at timestamptz,
    CHECK ((used_by_key_id IS NULL) = (used_at IS NULL))
);
COMMENT ON TABLE join_token IS 'Join tokens by their hash; the token is kept nowhere';

CREATE TABLE assignment (
    stream text NOT NULL,
    fence bigint NOT NULL CHECK (fence > 0),
    node text NOT NULL,
    signed_at timestamptz NOT NULL,
    body bytea NOT NULL,
    signature bytea NOT NULL,
    key_id bytea NOT NULL,
    PRIMARY KEY (stream, fence)
);
COMMENT ON TABLE assignment IS 'All assignments ever signed; the highest fence wins';

CREATE TABLE enrolment (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    parent text NOT NULL,
    public_key bytea NOT NULL CHECK (length(public_key) = 32),
    enrolled_at timestamptz NOT NULL
);
COMMENT ON TABLE enrolment IS 'The parent this tier joined';

CREATE TABLE enrolment_assignment (
    stream text PRIMARY KEY,
    fence bigint NOT NULL,
    body bytea NOT NULL,
    signature bytea NOT NULL,
    key_id bytea NOT NULL
);
COMMENT ON TABLE enrolment_assignment IS 'Assignments this tier holds of its parent';
"""

DROP = """
DROP TABLE enrolment_assignment;
DROP TABLE enrolment;
DROP TABLE assignment;
DROP TABLE join_token;
DROP TABLE child_node;
"""


class Migration(migrations.Migration):
    """Adds the registry of a parent and the enrolment of a child."""

    dependencies = []
    operations = [ops.RunSQL(CREATE, reverse_sql=DROP)]
