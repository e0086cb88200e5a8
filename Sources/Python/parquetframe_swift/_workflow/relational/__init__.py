"""Steps that a query processor does: polars, duckdb or pandas."""

from .steps import LIBRARIES as LIBRARIES
from .steps import place as place
