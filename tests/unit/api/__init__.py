"""The REST interface, piece by piece."""
