"""The node's own REST routes: intake. The reads are those of every tier."""
