"""Ways round the rules, by family: each one breaks the spirit of a rule's title and has to be
refused.
"""
