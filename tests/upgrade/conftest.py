"""Tests that two files share say what differs, like those of a file of its own."""

import pytest

pytest.register_assert_rewrite("tests.upgrade.kept_network")
