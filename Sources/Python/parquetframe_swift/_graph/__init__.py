"""Graphs: made from edges, held by the engine, asked by kernels."""

from .graph import Graph as Graph
