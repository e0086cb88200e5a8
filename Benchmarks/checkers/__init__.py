"""How answers are compared.

`summarise(result)` runs in the worker and returns what JSON can hold; `differences(expected,
found, arguments)` and `byte_count(expected, arguments)` run in the driver, on the standard
library alone.
"""
