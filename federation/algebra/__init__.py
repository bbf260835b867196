"""Mergeable state and its laws.

Merging is associative and commutative to the bit: integers only, checked to 64
bits. What an indicator does not allow to be merged is refused with the reason.
Pure: no framework, no clock, no database.
"""
