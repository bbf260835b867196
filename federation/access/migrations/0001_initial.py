"""Accounts, sessions and the audit trail."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Adds the tables of this package."""

    initial = True

    operations = [
        ops.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    fields.IntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("username", fields.CharField(unique=True, max_length=64)),
                ("password_hash", fields.TextField(unique=False)),
                ("role", fields.CharField(max_length=32)),
                (
                    "created_at",
                    fields.DatetimeField(auto_now=False, auto_now_add=False),
                ),
                (
                    "changed_at",
                    fields.DatetimeField(auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "access_account",
                "app": "access",
                "pk_attr": "id",
                "table_description": "A person who may log in.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "at",
                    fields.DatetimeField(
                        db_index=True, auto_now=False, auto_now_add=False
                    ),
                ),
                ("action", fields.CharField(max_length=32)),
                ("username", fields.CharField(max_length=64)),
                ("address", fields.CharField(max_length=64)),
            ],
            options={
                "table": "access_audit",
                "app": "access",
                "pk_attr": "id",
                "table_description": "One line of the audit trail.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Session",
            fields=[
                (
                    "token_digest",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=64
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "access.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="sessions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "created_at",
                    fields.DatetimeField(auto_now=False, auto_now_add=False),
                ),
                (
                    "expires_at",
                    fields.DatetimeField(
                        db_index=True, auto_now=False, auto_now_add=False
                    ),
                ),
                ("address", fields.CharField(max_length=64)),
            ],
            options={
                "table": "access_session",
                "app": "access",
                "pk_attr": "token_digest",
                "table_description": "One log-in, known by the SHA-256 of its token.",
            },
            bases=["Model"],
        ),
    ]
