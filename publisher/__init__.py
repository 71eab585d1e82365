"""Publisher: an archive's new entries, as feeds and as letters in the reader's language."""

__version__ = "0.1.0"
