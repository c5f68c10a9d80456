"""What the benchmarks share.

stats.py      medians, spread, ratios with confidence intervals, slopes
result.py     the JSON result of a benchmark, and the aims it is held against
machine.py    machine and versions
processes.py  memory, descriptors and processor time of a process tree
registry.py   the questions, in running order
report.py     tables and plots out of results
"""
