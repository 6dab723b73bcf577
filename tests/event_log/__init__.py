"""How it is remembered: writer, log, recorder, keys."""
