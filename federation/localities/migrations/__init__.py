"""Migrations of the localities, in order."""
