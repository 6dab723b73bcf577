"""The doors: one folder a tier, the network of all tiers on one machine, the `huiyin` command."""
