"""Generated from ``proto/federation/wire/v1``; never edited by hand."""
