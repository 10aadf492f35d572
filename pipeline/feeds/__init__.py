"""What the feeds of several vendors have in common: files, tables, registers, archives, local times, markup, Microsoft Graph.

Belongs here: wire formats that more than one plug-in reads. Does not: any one source, or what a value means (plugins/).
Plug-ins import all of it from `pipeline.connector`.
"""
