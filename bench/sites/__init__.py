"""Tries other people's sites in a session, one after the other: `make sites
SITES="address-or-folder …"`.

Each is copied, started, opened in Chromium, edited once for every kind of file that it has, and
then served by bare `astro dev` from the same folder and packages. Only figures are kept of a site.
"""
