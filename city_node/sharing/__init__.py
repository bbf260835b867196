"""Sharing: which stream carries a series upwards, and what is withheld."""
