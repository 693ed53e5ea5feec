"""Damaged files and wrong calls by the thousand: ``python -m tests.fuzz --help``."""
