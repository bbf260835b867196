"""How fast the product is, against what somebody would use in its place.

One package per benchmark, started by ``scripts/bench NAME``. A benchmark checks that
what it moved is right before it says how fast it was.

``report``   what every benchmark answers: spreads, ratios, aims, growth
``rounds``   rounds in turn, so that a noisy machine disturbs all alike
``machine``  load and versions of the machine that measured
``workers``  processes of a benchmark that speak JSON lines
"""
