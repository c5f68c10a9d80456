"""Credentials of the API: who may call what.

`model`     scopes, records, the form of a credential
`store`     where records are kept: the protocol, and the file of a service with one task
`dynamo`    the same in the ownership table, for all tasks of a service
`keyring`   who a credential is, with records at most `FRESH_SECONDS` old; create, list, revoke
"""
