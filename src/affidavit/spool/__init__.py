"""A durable queue of sealed records on the local disk: what ``append`` took survives the death of the process.

One directory a process, append-only segments of framed records in it, one writer. ``disk`` is the spool of a living
process, ``orphan`` reads what a dead one left, ``streams`` numbers the streams of a root, ``memory`` stands in where
no directory can be written. Nothing here knows what a statement says.
"""
