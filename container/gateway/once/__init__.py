"""Requests that are carried out once, however often they are sent: `Idempotency-Key`.

`model`   what is kept of a request, its key, and how its answer is sealed
`store`   where that is kept: the protocol, and the memory of a service with one task
`dynamo`  the same in the ownership table, for all tasks of a service
`limit`   how many keys a credential may send
`guard`   around the handlers of the API
`place`   the store that the settings say
"""
