"""Catalogue entries and options, one file a family, importable without torch."""
