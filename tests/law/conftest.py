"""An open house, made as the tests of its pages make it."""

from tests.web.conftest import app

__all__ = ["app"]
