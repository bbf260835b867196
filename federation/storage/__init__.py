"""Everything between a tier and its PostgreSQL.

``embedded``    a server of our own, from the binaries of a wheel
``pool``        connections for COPY and set-based SQL, transactions, retries
``migrations``  bringing a database to the newest schema
``entities``    the ORM for entity rows
``errors``      what can go wrong, retriable or permanent
"""
