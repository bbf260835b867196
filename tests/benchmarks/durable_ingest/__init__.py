"""Durable ingest: from sealed frames at the children to rows committed at a parent.

Ours: frames sealed before, held in memory by a process of their own that plays the
nodes, sent over gRPC to a parent process of the product's own inbox; it verifies
signature, chain and columns, commits frame log and cursor in the product's PostgreSQL
(fsync on) and only then acknowledges with a signed receipt, which the sender verifies.
Timed from before the first frame is sent until the last acknowledgement is verified.

Peer ``copy``: the same rows through asyncpg's binary ``copy_records_to_table`` over one
connection into one plain table without key or index, timed from the tuples in memory
to the answer of the commit, so the encoding in the client is included.

Peer ``copy_encoded``: the like-for-like line. The rows are encoded before, as the
frames are, and sent over two connections at once; a transaction each.

``input``     rows as a city has them, sealed into frames
``nodes``     worker: the sending side
``parent``    worker: the receiving side
``copying``   the peers
``relay``     counts bytes on the wire
``checking``  whether what was moved is right
``benchmark`` the rounds and the report
"""
