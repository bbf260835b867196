"""Dated places, and what imports changed."""

from tortoise import migrations
from tortoise.migrations import operations as ops

CREATE = """
CREATE TABLE locality (
    id text PRIMARY KEY,
    code text NOT NULL,
    name_vi text NOT NULL,
    name_en text NOT NULL,
    level text NOT NULL,
    parent text NOT NULL,
    valid_from date,
    valid_to date,
    decree text NOT NULL,
    members jsonb NOT NULL,
    successors text[] NOT NULL,
    rank smallint NOT NULL
);
COMMENT ON COLUMN locality.rank IS
    'who said it: 0 a child, 1 the shipped list, 2 an official list, 3 the operator';

CREATE TABLE locality_change (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    locality text NOT NULL,
    changed_at timestamptz NOT NULL,
    source text NOT NULL,
    before jsonb,
    after jsonb
);
CREATE INDEX locality_change_locality ON locality_change (locality);
"""


class Migration(migrations.Migration):
    """Adds the localities."""

    dependencies = []
    operations = [
        ops.RunSQL(
            CREATE, reverse_sql="DROP TABLE locality_change; DROP TABLE locality;"
        )
    ]
