"""What a machine is told: network file, sizes, clock, calendar; read once, every gap named at once.

May import the packaged data, `work/common` and the standard library. To add a setting: a field with its reason and
bounds, and a rule in tests/transport/test_settings.py.
"""
