"""Reusable Pulumi components of astro-live, one `ComponentResource` per module."""
