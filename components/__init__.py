"""Reusable Pulumi components of astro-live, one `ComponentResource` per module.

This file imports nothing on purpose: the container image carries `components.hmr` without Pulumi.
"""
