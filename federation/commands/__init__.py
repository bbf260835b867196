"""The commands every program has: ``serve``, ``status``, ``doctor``, ``config show``.

A program describes itself once as a ``Program``; ``command_line`` makes its commands.

``program``  the frame: options, configuration, errors, exit codes
``doctor``   checks that say what is wrong and what to do
``status``   what a running service says about itself
``output``   tables and JSON, in the reader's language

``tier_settings`` and ``tier`` are for programs with a database: what a node and a hub
set and check alike. A program without one imports neither.
"""
