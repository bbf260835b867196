"""Who is who: keys, join tokens, child nodes, assignments, receipts.

``keys``         Ed25519 keys and the files they are kept in
``signatures``   what is signed, each kind apart from every other
``documents``    assignments and receipts, signed by a parent, verified by both sides
``tokens``       join tokens: made by a parent, carried by a person, used once
``registry``     the parent's side: nodes, tokens, assignments; its twin in memory
``registry_postgres``  the same in the parent's database
``enrolment``    the child's side: who the parent is, what it assigned
``refusals``     every reason for a refusal, with its text and its retry

The trust is this: a parent makes a token and hands it to a person. The node that shows
the token is known by its public key from then on, and the parent's key is known to the
node. Every later word of either side is signed.
"""

from federation.storage.entities import EntityApp

APP = EntityApp(
    label="identity", models=(), migrations="federation.identity.migrations"
)
