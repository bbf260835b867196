"""A tier with children: takes in their summaries, merges, shows, passes on.

``config``     what an operator sets
``children``   who may connect, with which areas, and how each stream stands
``projector``  from committed frames to the warehouse
``hub``        wires the parts; ``runtime`` serves them and owns their tasks
``passing``    which series go on to the parent, ``announcing`` under which names
``api``        the routes only a tier with children has
``cli``        ``province-hub``

The nation runs the same program one tier up, with another ``tier.level``.
"""
