"""Workflows without the engine: the tests of the engine's once more, and random graphs on both."""

import json
import threading
import time

import pyarrow as pa
import pytest
import test_workflow
from hypothesis import given, settings
from hypothesis import strategies as st

import parquetframe_swift as pfs

OFF = "PARQUETFRAME_DISABLE_SWIFT_WORKFLOW"
# These look at the engine itself.
ENGINES_OWN = {"test_workflows_that_are_disabled_run_in_python", "test_errors_of_operations_are_told"}

for name, test in list(vars(test_workflow).items()):
    if name.startswith("test_") and name not in ENGINES_OWN:
        globals()[name] = test


@pytest.fixture(autouse=True)
def in_python(monkeypatch):
    monkeypatch.setenv(OFF, "1")
