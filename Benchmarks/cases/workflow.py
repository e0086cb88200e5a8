"""Runs of workflows: what a step costs, and how well steps that wait share time."""

from __future__ import annotations

from harness.case import Case, Dataset

from cases.parquet import SEED

STEPS = 10_000
# Microseconds that a step of a Python function may take.
STEP_LIMIT = 8
# Ten sleeps of 100 ms: the workers, and the milliseconds that a run may take.
SLEEPS = {"1-8-1": (10, 305), "independent": (2, 510)}


def cases(scale: float) -> list[Case]:
    """The graphs are the same at any scale."""
    return [
        Case(
            f"workflow/functions/{shape}",
            "workflow_functions",
            Dataset("workflows", "steps", {"shape": shape, "count": STEPS, "seed": SEED}, ".json"),
            checker="value",
            named=False,
            limit_ms=STEPS * STEP_LIMIT / 1000,
            prepare="functions",
        )
        for shape in ("chain", "fan", "tree", "layers")
    ] + [
        Case(
            f"workflow/sleeps/{shape}",
            "workflow_sleeps",
            Dataset("workflows", "sleeps", {"shape": shape, "seconds": 0.1}, ".json"),
            {"workers": workers},
            checker="value",
            named=False,
            limit_ms=limit,
            prepare="sleeps",
        )
        for shape, (workers, limit) in SLEEPS.items()
    ]
