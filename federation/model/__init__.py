"""Values: what a figure is, without any framework.

Frozen, keyword-only dataclasses. A value that is absent is absent with a status,
never zero. All numbers that merge are integers scaled by the indicator's
``scale``; all times are aware.
"""
