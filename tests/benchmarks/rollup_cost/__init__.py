"""What one changed value costs a tier, however much it has stored.

One row of a commune changes; it is applied to the warehouse as the projector does it,
and the totals it is part of are made anew. The task is the same at every size: only how
many values, and versions of them, lie in the tables beside it differs.
"""
