"""Coverage: which places a total stands on, and which it lacks.

``cover``    the places that make up another, each once, each with what it said
``absence``  who is missing, and why

N is the number of places of the indicator's level at the period's end, in the dated
graph. What a child rolled up brings its own n of N; the N of the whole is their sum,
and the graph's count where no child said anything.
"""
