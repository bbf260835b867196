"""The suite that every subsystem folder passes."""
