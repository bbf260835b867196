"""The entity of the sample package."""

from tortoise import fields
from tortoise.models import Model


class Place(Model):
    """A named place."""

    id = fields.IntField(primary_key=True)
    code = fields.CharField(max_length=16, unique=True)
    name = fields.TextField()
    since = fields.DatetimeField()

    class Meta:
        """Where it is kept."""

        table = "place"
