"""How facts are remembered: shapes, names, envelopes."""
