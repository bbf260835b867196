"""The whole federation on one machine: what ``scripts/demo`` runs.

``layout`` says which programs there are and writes their settings, ``programs``
starts, watches and stops them, ``feeding`` gives the nodes their input and
``comparison`` compares the tiers by numbers.
"""
