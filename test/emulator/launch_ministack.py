"""Starts MiniStack with the defects repaired that the suite would run into. Fails when a name that it replaces is gone: pin and launcher change together."""

import importlib.metadata
import json
import sys

PINNED = "1.5.33"

version = importlib.metadata.version("ministack")
if version != PINNED:
    sys.exit(f"launch_ministack.py is written for ministack {PINNED}, found {version}")

from ministack import app
from ministack.services import eventbridge, lambda_svc

for module, names in {
    eventbridge: ["_dispatch_to_lambda"],
    lambda_svc: ["_get_func_record_for_ref", "_execution_record_for_config", "invoke_async_with_retry"],
    app: ["main"],
}.items():
    missing = [name for name in names if not callable(getattr(module, name, None))]
    if missing:
        sys.exit(f"{module.__name__} {version} has no {', '.join(missing)}: look at launch_ministack.py")


def dispatch_to_lambda(arn, payload):
    """EventBridge calls a function asynchronously: with the retries and the destination of the function, which MiniStack leaves out."""
    func, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not func or not config:
        print(f"EventBridge target {name} does not exist", file=sys.stderr)
        return
    lambda_svc.invoke_async_with_retry(func, json.loads(payload))


eventbridge._dispatch_to_lambda = dispatch_to_lambda
app.main()
