"""Config keys of a stack, declared once and grouped by topic. Pure: only `settings.py` reads
Pulumi's config.
"""
