"""What the Python metrics of one family have in common: their rows, and what is done with them before the mathematics.

Belongs here: the row contract as a table, cutting rows into groups, what the metrics of spread, of waits and of quiet teams
share. Does not: the mathematics (estimate/), or a question of its own (warehouse/metrics: one file each).
"""
