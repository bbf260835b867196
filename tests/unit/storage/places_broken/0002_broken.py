"""Makes a table, then asks for something that can't be."""

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Fails at its second operation."""

    dependencies = [("places", "0001_initial")]

    operations = [
        ops.RunSQL("CREATE TABLE half (id integer)"),
        ops.RunSQL("CREATE INDEX ON nowhere (id)"),
    ]
