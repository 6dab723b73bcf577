"""The doors: one folder a tier, the network of all tiers on one machine, the `huiyin` command.

May import everything in `shared`; nothing in `shared` imports a door. To add a command: a function in
`cli.py`, a line in the README.
"""
