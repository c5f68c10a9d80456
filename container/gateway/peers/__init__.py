"""What tasks of one service need to talk to each other.

certificates.py  mutual TLS between tasks, from the keys that all of them have
address.py       this task's id and where the others reach it
headers.py       what they write into each other's requests and answers
keep_alive.py    how a peer that has vanished is noticed
forward.py       API requests on their way to the session's owner
"""
