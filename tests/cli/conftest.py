"""Fixtures for commands."""

from tests.cli.institute import institute

__all__ = ["institute"]
