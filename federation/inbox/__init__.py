"""The parent's side of a link: what a child sends is committed, then acknowledged.

``endpoint``           what a transport calls: enrolment and links
``link``               one link: queue, credits, heartbeats, its end
``session``            the conversation of one link, without a transport or a task
``judgement``          where a frame belongs: next, again, ahead, stale, broken (pure)
``store``              cursors, frame log, dead letters; the twin in memory
``store_postgres``     the same in the parent's database
``projector_position`` how far the frame log was applied
``records``            the values of all of them
``limits``             bounds and times

The promise: **a frame takes effect once.** The cursor of a stream and the frame log
move in one transaction, and nothing is acknowledged before its commit. A frame that is
sent again is recognised and acknowledged again; a commit whose outcome is unknown is
tried again and recognises itself. Several processes may serve the same streams: the
cursor is the only judge.

What is *not* promised: that a frame's rows make sense. The projector finds that out in
sequence and sets aside what does not; a later acknowledgement says so.
"""

from federation.storage.entities import EntityApp

APP = EntityApp(label="inbox", models=(), migrations="federation.inbox.migrations")
