"""The decision guide, and the version of the whole project."""

__version__ = "1.0.0"
