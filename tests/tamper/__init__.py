"""Real files of a small network, tampered with at random: everything that had departed must be found.

`python -m tests.tamper --count N --seed S --json` plays N cases, prints one JSON object for each, and ends
with exit code 1 when something was not found. A case is its number: the same number is the same damage.
"""
