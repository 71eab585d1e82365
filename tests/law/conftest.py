"""An open house, made as the tests of its pages make it."""

from tests.web.conftest import app, empty_store

__all__ = ["app", "empty_store"]
