"""What tasks write into each other's requests and answers: Envoy's configuration, the control plane
and the forwarder name it.
"""

from __future__ import annotations

from typing import Final

FROM_PEER: Final = "x-astro-live-peer"
"""Set by the peers listener, removed by the other: the request has been forwarded already."""
TO_TASK: Final = "x-astro-live-to"
"""Set by a route to a peer: where the request was meant to go. At the edge's own control plane it
says who did not take it.
"""
NOT_OWNER: Final = "x-astro-live-not-owner"
"""In an owner's answer: it is not the owner (any more). The edge does not pass it on; it asks its
control plane instead.
"""
ANSWERED: Final = "x-astro-live-answered"
"""In what a control plane answers to a forwarded API request, and not in what its Envoy answers for
it. The edge does not pass it on.
"""

API_AUTHORITY: Final = "api.astro-live"
"""Host of API requests between tasks. No session has it: routes to peers name their
session's host.
"""
