"""Tests of one process that runs nodes."""
