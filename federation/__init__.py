"""The floor every tier stands on.

A tier takes in summaries, merges them, answers questions about them and passes
them to its parent. Nothing in this package knows which tier it serves: there
are parents and children, and that is all.

The folders follow a figure on its way: ``model`` and ``algebra`` say what a
figure is and how it merges; ``warehouse`` holds it, ``outbox`` seals it,
``uplink`` sends it over a ``transport``, ``inbox`` takes it in at the parent,
``rollups`` merge it there, ``views`` and ``api`` show it.
"""

__version__ = "0.1.0"
