"""Benchmarks, one file per question: `make bench`, or `make bench ONLY=name`. docs/benchmarks.md
shows the figures.

Every comparison runs both sides in the same minute on the same machine, in turns, and states a
ratio: absolute times belong to a machine, ratios carry over. `python -m bench --list` names the
questions.
"""
