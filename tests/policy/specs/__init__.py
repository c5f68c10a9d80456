"""The cases of each resource rule, as data."""
