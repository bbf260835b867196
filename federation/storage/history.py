"""The schema's own history, as the migrations write it.

It is the one model that every program has: the ORM does not start without any, and a
package may bring hot tables only.
"""

from tortoise import fields
from tortoise.models import Model


class SchemaChange(Model):
    """A migration that was applied."""

    id = fields.IntField(primary_key=True)
    app = fields.CharField(max_length=255)
    name = fields.CharField(max_length=255)
    applied_at = fields.DatetimeField()

    class Meta:
        """The table is made by the migrations themselves."""

        table = "tortoise_migrations"
