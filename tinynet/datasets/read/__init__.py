"""Readers of the files in which people have their data."""
