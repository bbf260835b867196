"""Migrations of the warehouse's hot tables, in order."""
