"""Graphs where the engine is missing or disabled: numpy, scipy and pyarrow hold and ask them."""

from .lists import Lists as Lists
from .lists import from_csr as from_csr
from .lists import from_edges as from_edges
