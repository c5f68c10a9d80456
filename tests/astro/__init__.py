"""Tests of the runner (container/astro) over its control channel, without a gateway."""
