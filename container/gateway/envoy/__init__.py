"""Envoy, the data plane: its configuration as pure functions, the xDS files, and the process.

    bootstrap.py  the static part: admin socket, listener, limits
    auth.py       who may pass: the token that each session asks for
    routes.py     the route table of the current sessions: refusals.py, session_routes.py, peers.py;
                  matches.py has what they match
    clusters.py   one cluster per dev server, and the control plane's
    xds.py        writes the last three as files, and waits until Envoy has taken them in
    process.py    starts Envoy
    service.py    keeps it running

Every function returns plain JSON-ready dictionaries in the shape of Envoy's v3 API:
https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/api
"""
