"""Coverage: which places a total stands on, and which it lacks.

``owed``      who owes what: rules people write, obligations they come to
``expected``  who was expected for a period, frozen at its end
``cover``     the places that make up another, each once, each with what it said
``absence``   who is missing, and why
``deadlines`` when a report is due, and whether it came in time
``silence``   since when somebody who owes has said nothing

N is never made of those who happened to report: it counts the places of the
indicator's level for which somebody owed a report at the period's end. n counts those
of them that gave one, so n of N can't pass 100 %. What a child rolled up brings its own
n of N. Where nobody owed, N is unknown (0), whatever was reported.
"""

from federation.storage.entities import EntityApp

APP = EntityApp(
    label="coverage", models=(), migrations="federation.coverage.migrations"
)
