"""Landing: what sources gave, in batches that appear whole or not at all; the only thing to back up.

manifest.py   what one batch is and accounts for
store.py      the folder: live batches, cursors, the atomic rename, prose and its retention
columns.py    records -> protected columns: pseudonyms, scrubbed labels, digests of prose
writer.py     a stream's night: buffer, compare, account, commit at safe points
coverage.py   which days of which source were seen: the only origin of `no_data`
tables.py     live batches -> tables of the schema `landing` in a warehouse
"""
