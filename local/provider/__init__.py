"""The resource model as Pulumi resource providers, so that the real engine runs the program without
a cloud.

`serve` starts aws, awsx and docker providers on loopback; the engine attaches to them through
`PULUMI_DEBUG_PROVIDERS`. What was created is kept in a file (`store`), so that refresh, drift and
destroy mean something. `cli` drives the `pulumi` command line.
"""
