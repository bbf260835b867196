"""Rollups: what changed is merged over place again, and nothing else.

A changed value marks (indicator, period). ``worker`` takes marks under a lock, reads
in statements that begin after the lock is held, computes with ``places`` and applies
the results as series of their own (basis rolled up, no agency), never mixed with what
was reported for the same place. A mark goes only if it was not set anew meanwhile.

Three tiers give the bits of one flat computation: states are integers merged by
associative rules, every place enters once, and a child's rollup carries its counts and
its own n of N upward. Composites are recomputed beside them (``composites``), wherever
a component changed, and go nowhere. What must not be merged makes no value at all.
"""
