"""The subsystems that ship with the node, one folder each.

Every folder has the same files: ``manifest.toml`` (who owns it, how data arrives),
``records`` (what its sources say), ``sources`` (its readers), ``indicators`` (what is
measured and how a record contributes), ``simulate`` (figures for a demonstration),
``text`` (names and definitions in both languages), ``quality.toml`` and a README for
the department. A node's configuration names the folders it uses.
"""
