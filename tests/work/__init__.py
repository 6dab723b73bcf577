"""The rules of the work: given, when, then; no clock, no I/O."""
