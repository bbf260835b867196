"""The schema of records, observations and ingest runs."""
