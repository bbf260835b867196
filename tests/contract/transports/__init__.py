"""Promises of every transport."""
