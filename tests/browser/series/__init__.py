"""Series of edits, made from a seed: what they do to a site's files, and what its pages have to
show afterwards.
"""
