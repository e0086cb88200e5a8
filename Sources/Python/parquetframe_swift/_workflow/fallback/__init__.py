"""Workflows where the engine is missing or disabled."""

from .operations import handlers as handlers
from .plan import Plan as Plan
from .run import FallbackRun as FallbackRun
