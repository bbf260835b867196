"""Rows of accounts, sessions and the audit trail."""

from tortoise import fields
from tortoise.models import Model


class Account(Model):
    """A person who may log in."""

    id = fields.IntField(primary_key=True)
    username = fields.CharField(max_length=64, unique=True)
    password_hash = fields.TextField()
    role = fields.CharField(max_length=32)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        """Where it is kept."""

        table = "access_account"


class Session(Model):
    """One log-in, known by the SHA-256 of its token."""

    token_digest = fields.CharField(max_length=64, primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "access.Account", related_name="sessions"
    )
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    address = fields.CharField(max_length=64)

    class Meta:
        """Where it is kept."""

        table = "access_session"


class AuditEntry(Model):
    """One line of the audit trail."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField(db_index=True)
    action = fields.CharField(max_length=32)
    username = fields.CharField(max_length=64)
    address = fields.CharField(max_length=64)

    class Meta:
        """Where it is kept."""

        table = "access_audit"
