"""Schema of nodes, tokens and assignments, newest last."""
