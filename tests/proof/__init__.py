"""Tests of the proof: trees, checkpoints, witnesses, promises, and what tampering is found."""
