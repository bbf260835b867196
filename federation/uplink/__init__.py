"""The uplink: one link from a node to its parent, carrying all of its streams.

It moves what the outbox sealed and takes back receipts. It keeps no truth of its own:
after any crash, on either side, sending starts again at the cursor that the parent
answers to a hello.

A link's life::

    Open → Challenge        who the parent is, checked against the pinned key
    Hello → Welcome         one for each stream: where the parent stands
      chains meet           sending starts after the parent's cursor
      they don't            EpochRequest → EpochGrant: a new epoch from the last
                            common frame; what came after it is pending again
    Frame … Acknowledgement as many in flight as the parent credits
    Heartbeat ⇄ Heartbeat   silence ends the link

``uplink``        joins, connects, waits longer after each failure
``link``          one connection from open to close
``conversation``  what the parts of a link share
``sending``       hellos, requests for epochs, frames
``answers``       what the parent says, and what becomes of it
``lane``          one stream on a link
``pacing``        credits, how far to seal ahead, back-off
``settings``      times and limits
``status``        what a person is shown
``assemble``      the uplink as the programs run it: gRPC, outbox in PostgreSQL
"""
