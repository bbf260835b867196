"""The node: takes in what departments have and keeps its own summaries.

A figure walks through these folders: ``sources`` read a file or take a push,
``subsystems`` say what a record means, ``observations`` keep records and the
observations made of them, ``summaries`` compute the state of each series and
period; the floor (``federation``) seals and sends what may be shared.
"""
