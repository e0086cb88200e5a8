"""Workflows, as ParquetFrame's native module takes and gives them: dicts."""

from __future__ import annotations

import _thread

from .. import _cancel, _info, errors
from .._workflow import Workflow, forms
from .._workflow.handlers import registered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .._workflow import WorkflowResult

# The operation of steps that only keep their place in the order.
_MARK = "rustic.mark"
# Members of a step that say nothing of what it does.
_BARE = {"name", "type", "operation", "depends_on", "config", "params", "parameters", "description"}
# How the callback's dicts name what happens; the rest is not told.
_KINDS = {"started", "completed", "failed", "cancelled", "skipped"}


class CancellationToken(_cancel.CancellationToken):
    """Stops, from any thread, the workflows that it was given to as `cancel_token`."""

    __slots__ = ()

    def clone_token(self) -> CancellationToken:
        """A token that is cancelled with this one."""
        return self


def workflow_rust_available() -> bool:
    """Whether the functions of workflows can be called: True."""
    return True


# ---- Running ---------------------------------------------------------------------------------------


def run_workflow(yaml_path: str) -> None:
    """Runs the workflow of a YAML file, in the form of ParquetFrame's pipelines as code or any other that
    `parquetframe_swift.Workflow.from_yaml` reads. `config` may have stop_on_failure, default_retries and
    default_pool. Needs PyYAML.

    Raises FileNotFoundError, ValueError for a file that is no such definition, RuntimeError where the
    workflow cannot run, or a step failed.
    """
    try:
        import yaml
    except ImportError:
        raise ImportError("run_workflow needs PyYAML: pip install pyyaml") from None
    with open(yaml_path, encoding="utf-8") as file:
        try:
            definition = yaml.safe_load(file)
        except (yaml.YAMLError, UnicodeDecodeError) as problem:
            raise ValueError(f"Failed to parse workflow YAML: {problem}") from problem
    if not isinstance(definition, dict):
        raise ValueError("Failed to parse workflow YAML: it is no object")
    steps = definition.get("steps")
    _check_steps(steps)
    settings = dict(definition.get("config") or {})
    settings.pop("secrets_backend", None)  # no operation of ours has secrets
    retries, pool = settings.pop("default_retries", None), settings.pop("default_pool", None)
    made = []
    for step in steps:
        step = dict(step)
        if retries and not {"retries", "retry", "retry_policy"} & set(step):
            step["retries"] = retries
        if pool and not {"pool", "resource_hint"} & set(step):
            step["pool"] = str(pool).lower()
        outputs = step.pop("outputs", None)
        if outputs:
            step.setdefault("output", outputs)
        made.append(step)
    _finished(_run({**definition, "config": settings, "steps": made}))


def execute_workflow(
    workflow_config: dict,
    max_parallel: int | None = None,
    on_progress: Callable[[dict], object] | None = None,
    cancel_token: CancellationToken | None = None,
    step_handler: Callable[[str, str, dict, dict], object] | None = None,
) -> dict:
    """Runs a workflow: a dict with `steps` (name, type, config, depends_on), and `variables`, `name` and
    `settings` where they are needed.

    max_parallel: the most steps that run at once, by default as many as there are processors; 1 runs them one
        after the other on the calling thread.
    on_progress: is given a dict for what happens: type (started, completed, failed, cancelled, skipped),
        step_id, and error or message.
    step_handler: does all steps: is given type, name, config, and {"data": outputs of the steps before, by
        name; "variables": those of the workflow}; what it gives is the step's output. Without, steps are
        operations as in `parquetframe_swift.Workflow`. Where no step says more than its type and what it
        depends on, nothing is done but to keep their order.

    Gives a dict: status ("completed", or "failed" where steps failed and the others went on),
    execution_time_ms, steps_executed, total_steps, failed_steps, parallel_workers, parallelism_factor (time
    of steps by time of the run), peak_parallelism, peak_memory (of the process, in bytes), and outputs by step.

    Raises ValueError without steps, RuntimeError where the workflow cannot run, a step failed or the run was
    cancelled.
    """
    if not isinstance(workflow_config, dict):
        raise TypeError(f"workflow_config is a dict, not {type(workflow_config).__name__}")
    if not isinstance(cancel_token, (_cancel.CancellationToken, type(None))):
        raise TypeError(f"cancel_token is a CancellationToken, not {type(cancel_token).__name__}")
    if "steps" not in workflow_config:
        raise ValueError("Missing 'steps' in workflow config")
    _check_steps(workflow_config["steps"])
    workers = _info._cores() if max_parallel is None else max(1, max_parallel)
    result = _run(workflow_config, workers, on_progress, cancel_token, step_handler)
    facts = _finished(result)
    metrics = facts["metrics"]
    failed = _count(metrics, "failed", "timed_out")
    return {
        "status": "failed" if failed else "completed",
        "parallel_workers": workers,
        "execution_time_ms": int(facts["wall_time"] * 1000),
        "steps_executed": _count(metrics, "succeeded"),
        "total_steps": sum(metrics["steps"].values()),
        "failed_steps": failed,
        "parallelism_factor": metrics["speed_up"],
        "peak_parallelism": metrics["most_at_once"],
        "peak_memory": _peak_memory(),
        "outputs": result.outputs,
    }


def execute_step(step_type: str, config: dict, context: dict) -> dict:
    """Does one step.

    config: its parameters, as in a step of `execute_workflow`.
    context: {"variables": those that the parameters name, "data": tables that its `input` names}.

    Gives {"status": "executed", "step_type", "message", "output": what the step gave}. Raises RuntimeError
    where it cannot be done.
    """
    given = dict(context.get("data") or {})
    name = "step"
    while name in given:
        name += "_"
    steps = [{"name": key, "type": _MARK, "output": key} for key in given]
    steps.append(_lifted({"name": name, "type": step_type, "config": dict(config or {})}))
    definition = {"steps": steps, "variables": dict(context.get("variables") or {})}
    handlers = {_MARK: lambda operation, key, parameters, ctx: given[key]}
    made = _checked(definition, lambda: Workflow.from_dict(definition, handlers))
    result = _counted(made.run(max_parallel=1, parallel=False))
    _finished(result)
    return {
        "status": "executed", "step_type": step_type, "message": f"Workflow step '{step_type}' executed",
        "output": result.outputs[name]}


def create_dag(steps: list) -> dict:
    """The plan of steps: in what order they can run.

    Gives {"dag_created": True, "num_steps", "message", "execution_order", "levels" (lists of steps that need
    none of one another), "dependencies" (lists, by step), "critical_path" (the longest chain)}.

    Raises ValueError for a cycle, what is no step, and names that are there twice.
    """
    _check_steps(steps)
    plan = _plan(steps)
    levels = plan.levels
    return {
        "dag_created": True, "num_steps": len(steps), "message": "DAG analysis complete",
        "execution_order": [name for level in levels for name in level], "levels": levels,
        "dependencies": {facts["name"]: list(facts["depends_on"]) for facts in plan._open().facts["steps"]},
        "critical_path": plan.critical_path}


def workflow_metrics() -> dict:
    """Sums over what these functions have run in this process: total_workflows, total_steps (those that were
    begun), avg_execution_ms and parallel_speedup (time of steps by time of runs)."""
    with _lock:
        runs, steps, busy, wall = _totals
    return {
        "total_workflows": int(runs), "total_steps": int(steps),
        "avg_execution_ms": wall * 1000 / runs if runs else 0.0,
        "parallel_speedup": busy / wall if wall else 1.0}


# ---- Definitions -----------------------------------------------------------------------------------


def _run(
    definition: dict, workers: int | None = None, on_progress: Callable | None = None, cancel=None,
    step_handler: Callable | None = None,
) -> WorkflowResult:
    if step_handler is not None:
        made = _checked(definition, lambda: _handled(definition, step_handler))
    else:
        bare = all(_is_bare(step) for step in definition["steps"])
        steps = [_prepared(step, bare) for step in definition["steps"]]
        made = _checked(
            definition, lambda: Workflow.from_dict({**definition, "steps": steps}, {_MARK: _mark}))

    def tell(event: dict) -> None:
        kind = event["kind"]
        if kind in _KINDS and "element" not in event and (kind != "started" or event["attempt"] == 1):
            told = {"type": kind, "step_id": event["step"]}
            told.update((key, event[key]) for key in ("error", "message") if key in event)
            on_progress(told)

    return _counted(made.run(
        max_parallel=workers, parallel=workers != 1, on_progress=None if on_progress is None else tell,
        cancel=cancel))


def _check_steps(steps: object) -> None:
    if not isinstance(steps, (list, tuple)) or not all(isinstance(step, dict) for step in steps):
        raise ValueError("steps is no list of objects")


def _checked(definition: dict, make: Callable[[], Workflow]) -> Workflow:
    """The workflow; all that is wrong with it is a RuntimeError."""
    try:
        made = make()
        made.validate()
        return made
    except (errors.ArgumentError, TypeError) as problem:
        try:
            _plan(definition["steps"])
        except errors.ArgumentError as found:
            raise RuntimeError(
                f"Workflow execution failed: Cycle detected or missing dependency: {found}") from problem
        raise RuntimeError(f"Workflow execution failed: {problem}") from problem


def _handled(definition: dict, step_handler: Callable) -> Workflow:
    """A workflow whose steps the handler does."""
    variables = definition.get("variables") or {}
    before: dict[str, dict] = {}

    def function(step: dict, name: str) -> Callable:
        def call(ctx):
            data: dict = {}
            for dependency in ctx.dependencies:
                data.update(before.get(dependency, {}))
                data[dependency] = ctx.get(dependency)
            before[name] = data
            config = step.get("config")
            return step_handler(
                step.get("type", "unknown"), name, {} if config is None else config,
                {"data": data, "variables": variables})

        return call

    made = Workflow(definition.get("name") or "workflow")
    for position, step in enumerate(definition["steps"]):
        name = step.get("name", f"step_{position}")
        options = {
            key: step[key] for key in ("pool", "priority", "retries", "timeout", "deadline", "on_failure")
            if step.get(key) is not None}
        made.add_step(name, function(step, name), depends_on=step.get("depends_on") or (), **options)
    return made


def _plan(steps: list) -> Workflow:
    """The steps with nothing to do."""
    kept = ("name", "depends_on", "input", "inputs", "output", "left", "right")
    made, types = [], set()
    for step in steps:
        kind = str(step.get("type", step.get("operation")) or _MARK)
        types |= {kind, forms._RENAMED.get(kind, kind)}
        made.append({"type": kind, **{key: step[key] for key in kept if step.get(key) is not None}})
    plan = Workflow.from_dict({"steps": made}, {kind: _mark for kind in types})
    plan.validate()
    return plan


def _mark(operation: str, name: str, config: dict, ctx) -> dict:
    return {"step_id": name, "status": "completed"}


def _is_bare(step: dict) -> bool:
    return not set(step) - _BARE and not any(step.get(key) for key in ("config", "params", "parameters"))


def _prepared(step: dict, is_plan: bool) -> dict:
    if step.get("type", step.get("operation")) in registered():
        return step
    if is_plan:
        return {**{key: step[key] for key in ("name", "depends_on") if key in step}, "type": _MARK}
    return _lifted(step)


def _lifted(step: dict) -> dict:
    """The step with the datasets that its config names beside its type, as forms have it."""
    config = step.get("config")
    if not isinstance(config, dict):
        return step
    moved = {key: config[key] for key in ("input", "inputs", "output") if key in config and key not in step}
    return {**step, **moved, "config": {key: value for key, value in config.items() if key not in moved}}


# ---- Results ---------------------------------------------------------------------------------------

_lock = _thread.allocate_lock()
_totals = [0, 0, 0.0, 0.0]  # runs, steps, time of steps, time of runs


def _counted(result: WorkflowResult) -> WorkflowResult:
    metrics = result.metrics
    with _lock:
        _totals[0] += 1
        _totals[1] += _count(metrics, "succeeded", "failed", "timed_out")
        _totals[2] += metrics["busy_time"]
        _totals[3] += metrics["wall_time"]
    return result


def _finished(result: WorkflowResult) -> dict:
    """All that is known of a run; one that did not end by itself is a RuntimeError."""
    facts = result.to_dict()
    if result.status == "failed":
        name = facts.get("failed_step")
        why = next((step.get("error") for step in facts["steps"] if step["name"] == name), None)
        raise RuntimeError(f"Workflow execution failed: Step failed: {name}, reason: {why}") from result.error
    if result.status in ("cancelled", "timed_out"):
        why = "Workflow cancelled" if result.status == "cancelled" else "its time was over"
        raise RuntimeError(f"Workflow execution failed: {why}")
    return facts


def _count(metrics: dict, *states: str) -> int:
    return sum(metrics["steps"].get(state, 0) for state in states)


def _peak_memory() -> int:
    """The most memory, in bytes, that the process has had."""
    import resource
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
