"""Migrations of the projector, in order."""
