"""The declared Application Load Balancer as an Envoy on this machine.

`declared` reads listeners, rules and target groups out of a deployment; `envoy` writes the
configuration; `process` runs it.
"""
