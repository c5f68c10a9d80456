"""The files of a project, as the API reads and changes them.

paths.py        which paths are allowed, and how they are opened without following a link
plain.py        one file: read and write
versions.py     what identifies a version of a file, and preconditions on it
listing.py      the tree with sizes, times and hashes
edits.py        exact-text edits
changes.py      several changes, all or none
moves.py        move and delete of files and folders
archives.py     a project or folder as tar or zip, out
unpacking.py    the same, in
searching.py    ripgrep on a project
locks.py        one writer of a session at a time, in the whole service
"""
