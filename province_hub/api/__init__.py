"""The route that only a tier with children has."""
