"""Migrations of the catalogue, in order."""
