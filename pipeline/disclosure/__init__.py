"""Disclosure control's last word: all published tables together, attacked before they leave the building.

Belongs here: which groups of people figures count, what a stranger can work out of all of them, what is kept back then.
Does not: the threshold of a single table (figures.py), which tables may leave (publish.py), the measurement of how well all
of it holds (calibrate/: an attack of its own, written by another hand).
"""
