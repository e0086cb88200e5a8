"""Workflows: steps and what each of them needs, run by the engine's schedule on Python's threads."""

from .definition import Workflow as Workflow
from .handlers import workflow_handler as workflow_handler
from .result import StepResult as StepResult
from .result import WorkflowResult as WorkflowResult
from .running import workflow_totals as workflow_totals
