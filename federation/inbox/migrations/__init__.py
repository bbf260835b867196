"""Schema of cursors, frame log and dead letters, newest last."""
