"""Citizen feedback: the reader, working time and what reports come to."""
