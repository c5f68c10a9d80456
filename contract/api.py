"""Paths of the listener on the API's port that more than one side names."""

from __future__ import annotations

from typing import Final

API_PREFIX: Final = "/api"
"""The load balancer forwards what is below it to the API's port, where a stack exposes the API."""
API_ROOT: Final = f"{API_PREFIX}/v1"
"""Where the REST API begins."""
LIVE_PATH: Final = "/health/live"
"""Answers while the control plane does. ECS restarts a task whose container does not
answer here.
"""
READY_PATH: Final = "/health/ready"
"""Answers 200 while a visitor would be served. The load balancer's health check requests it."""
