"""Tests of what ships in ``city_node/subsystems`` and of how files are read."""
