"""A history whose second step fails halfway."""
