"""
Where the files lie that travel with the program: templates and the sample configuration.

In a source tree they stand at its root, beside the package; an installed wheel
has them inside the package. The source tree wins, because an editable install
also leaves a copy in the package that nobody updates.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_TREE = _PACKAGE.parent


def templates() -> Path:
    """The folder of the shipped letters, pages and catalogues."""
    # The top of site-packages may have a `templates` of somebody else's: only a source tree has our pyproject.toml.
    return _TREE / "templates" if _is_source_tree() else _PACKAGE / "templates"


def sample_config() -> Path:
    """The commented `config.yaml` that `init` copies."""
    return _TREE / "config.yaml" if _is_source_tree() else _PACKAGE / "sample" / "config.yaml"


def _is_source_tree() -> bool:
    return (_TREE / "pyproject.toml").is_file() and (_TREE / "templates").is_dir()
