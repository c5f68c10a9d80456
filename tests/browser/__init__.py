"""Headless Chromium through the whole local path: load balancer, gateway, dev server."""
