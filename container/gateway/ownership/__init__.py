"""Which task of the service runs a session: exactly one owner, held as a lease.

`model` has the records, `store` the interface and its in-memory form (one task), `dynamo` the table
that several tasks share, `liveness` decides by this task's own clock whether another one still
runs, and `owners` puts these together: claim, locate, take over, hand over.

Nothing here starts a dev server or touches Envoy; the caller acts on what `Owners` returns.
"""
