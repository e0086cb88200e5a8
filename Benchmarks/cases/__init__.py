"""One module per area; each has `cases(scale)`, which returns a list of `harness.case.Case`."""
