"""The archive in a browser: pages of our own on Datasette, read-only, beside the daemon that writes.

    guard (who may ask) ─ Datasette ┬ pages: our addresses, from `archive.browsing`
                                    └ /archive/…: every table, and SQL, run by `archive.console` in processes apart

The only home of Datasette.
"""
