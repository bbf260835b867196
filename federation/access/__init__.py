"""Who may look: one administrator for each tier, sessions, and an audit trail.

``accounts``  the administrator and the password file
``sessions``  log-in, log-out, and whom a token belongs to
``throttle``  slower and slower after wrong passwords
``models``    the rows

Passwords are kept as argon2 hashes, tokens as SHA-256 digests: whoever reads the
database can use neither.
"""

from federation.storage.entities import EntityApp

APP = EntityApp(
    label="access",
    models=("federation.access.models",),
    migrations="federation.access.migrations",
)
