"""The gateway: control plane of a task's live sessions, with Envoy as its data plane.

Start it with `python -m container.gateway`. `docs/gateway.md` describes the parts and how a request
travels.
"""
