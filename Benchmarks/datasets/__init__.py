"""Makers of seeded data: `maker(path, **parameters)` writes a file and returns what it holds."""
