"""What every tier answers over REST, under ``/api/v1``."""
