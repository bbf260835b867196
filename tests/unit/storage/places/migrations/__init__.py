"""The schema history of the sample package."""
