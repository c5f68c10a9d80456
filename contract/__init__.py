"""What two sides must agree on: the addresses of a session, its settings, the messages between
processes, the names of metrics.

`components/` (which declares the infrastructure) and `container/` (which runs in it) both stand on
this package and on nothing of each other. It imports neither Pulumi nor aiohttp; the image takes it
whole.
"""
