"""Whole networks as real processes: matters, reports and faults from a clerk's hand to the county's page."""
