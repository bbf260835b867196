"""The outbox's tables, in one ordered history."""
