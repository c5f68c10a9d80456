"""Git, and checkpoints that are kept with it (ADR 25).

program.py      how the git program is run: no hook, no repository's configuration, no network
remote.py       what a remote's address may be, and the only place that talks to one
transfer.py     packs between git's plumbing and a remote
trees.py        what is in a tree, and whether it may be in a project
repository.py   a project's repository: status, diff, log, branches, commits
cloning.py      a new project from a remote
pulling.py      another tree into a project: replay of commits, conflicts by file
left_locks.py   locks of git programs that were ended
listing.py      what of a project is in a checkpoint
checkpoints.py  states of a project, outside its own repository
"""
