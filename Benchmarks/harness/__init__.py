"""The benchmark driver: standard library only, so that it never disturbs what it measures."""
