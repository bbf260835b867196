"""Promises of every outbox."""
