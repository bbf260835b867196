"""Parts of the uplink."""
