"""A session as an MCP server (https://modelcontextprotocol.io), at its own address of the API.

table.py      which operations of the API are tools, and which are not and why
tools.py      a tool's schemas and its HTTP request, from the API's description
calls.py      the calls of tools, which go to the API as any client's do
resources.py  what can be read by address: tree, problems, files, pages
rendered.py   what a page shows
server.py     the SDK's part; the SDK is imported with the first request
endpoint.py   between aiohttp and the SDK
"""
