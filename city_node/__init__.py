"""The node: takes in what departments have and keeps its own summaries.

A figure walks through these folders: ``sources`` read a file or take a push,
``subsystems`` say what a record means, ``observations`` keep records and the
observations made of them, ``summaries`` compute the state of each series and
period; the floor (``federation``) seals and sends what may be shared.

``config``    what an operator sets
``contract``  what a subsystem declares; ``installed`` finds it by name
``node``      wires the parts; ``runtime`` serves them and owns their tasks
``intake``    the one way in, for files, pushes and generated figures
``sharing``   which series leaves on which stream
``rollups``   totals of the node's own places
``api``       the routes only a node has
``cli``       ``city-node``
"""
