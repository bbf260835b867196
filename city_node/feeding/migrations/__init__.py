"""Migrations of feeding."""
