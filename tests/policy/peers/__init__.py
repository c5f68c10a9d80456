"""Fixtures of other policy packs and scanners, translated and judged by this pack: `make
policy-peers PEERS="folder …"`.
"""
