"""Checks of a service's manifests for Kubernetes, by rules; nothing is sent to a cluster.

What the API server itself refuses, such as a misspelt field, is not looked for: `kubectl apply
--dry-run=server` says that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from dlcourse.serving.dockerfiles import SECRET

__all__ = ["faults"]

_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
Manifest = dict[str, Any]


def faults(documents: Iterable[Manifest]) -> list[str]:
    """What is wrong with the manifests of one service, in words; an empty list if nothing is.

    Args:
        documents: manifests as a reader of YAML returns them, one Deployment among them; of other
            kinds, HorizontalPodAutoscaler and PodDisruptionBudget are looked at.

    Raises:
        ValueError: if there is not exactly one Deployment with one container.
    """
    documents = list(documents)
    deployments = [one for one in documents if one.get("kind") == "Deployment"]
    if len(deployments) != 1:
        raise ValueError(f"one Deployment is looked at, and there are {len(deployments)}.")
    spec = deployments[0]["spec"]
    pod = spec["template"]["spec"]
    if len(pod["containers"]) != 1:
        raise ValueError(f"one container is looked at, and there are {len(pod['containers'])}.")
    found = [*_image(pod), *_resources(pod), *_probes(pod), *_rights(pod), *_update(spec)]
    scalers = [one for one in documents if one.get("kind") == "HorizontalPodAutoscaler"]
    budgets = [one for one in documents if one.get("kind") == "PodDisruptionBudget"]
    return [*found, *_scaling(spec, scalers), *_disruptions(spec, scalers, budgets)]


def _image(pod: Manifest) -> Iterator[str]:
    image = pod["containers"][0]["image"]
    if not re.search(r"@sha256:[0-9a-f]{64}$", image):
        yield f"image {image} is not pinned by digest"


def _resources(pod: Manifest) -> Iterator[str]:
    resources = pod["containers"][0].get("resources", {})
    for kind, needed in (("requests", ("cpu", "memory")), ("limits", ("memory",))):
        for name in needed:
            if name not in resources.get(kind, {}):
                yield f"no {kind}.{name}"


def _probes(pod: Manifest) -> Iterator[str]:
    container = pod["containers"][0]
    for name in _PROBES:
        if name not in container:
            yield f"no {name}"
    ready, live = (container.get(name, {}).get("httpGet") for name in _PROBES[1:])
    if ready and live and ready.get("path") == live.get("path"):
        yield "liveness and readiness ask the same"


def _rights(pod: Manifest) -> Iterator[str]:
    container = pod["containers"][0]
    security = {**pod.get("securityContext", {}), **container.get("securityContext", {})}
    wanted = {
        "runAsNonRoot": True, "readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False,
    }  # fmt: skip
    for name, value in wanted.items():
        if security.get(name) is not value:
            yield f"{name} is not {str(value).lower()}"
    for variable in container.get("env", ()):
        if "value" in variable and SECRET.search(variable["name"]):
            yield f"{variable['name']} stands in the manifest: take it from a Secret"


def _update(spec: Manifest) -> Iterator[str]:
    strategy = spec.get("strategy", {})
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        yield "an update stops all replicas first: strategy RollingUpdate"
    elif strategy.get("rollingUpdate", {}).get("maxUnavailable") not in (0, "0%"):
        yield "an update may take replicas away before others are ready: maxUnavailable 0"


def _scaling(spec: Manifest, scalers: list[Manifest]) -> Iterator[str]:
    if scalers and "replicas" in spec:
        yield "replicas in the Deployment overwrite the autoscaler's at each apply"
    if _least(spec, scalers) < 2:
        yield "one replica: no answers while it restarts"


def _disruptions(spec: Manifest, scalers: list[Manifest], budgets: list[Manifest]) -> Iterator[str]:
    labels = spec["template"].get("metadata", {}).get("labels", {})
    specs = [one["spec"] for one in budgets]
    own = [
        budget for budget in specs
        if budget.get("selector", {}).get("matchLabels", {}).items() <= labels.items()
    ]  # fmt: skip
    if not own:
        yield "no PodDisruptionBudget for these pods"
    least = _least(spec, scalers)
    for budget in own:
        wanted = budget.get("minAvailable", 0)
        all_needed = wanted == "100%" or (isinstance(wanted, int) and wanted >= least)
        if budget.get("maxUnavailable") in (0, "0%") or all_needed:
            yield "the PodDisruptionBudget never lets a node be emptied"


def _least(spec: Manifest, scalers: list[Manifest]) -> int:
    """The fewest replicas that are wanted."""
    if scalers:
        return int(scalers[0]["spec"].get("minReplicas", 1))
    return int(spec.get("replicas", 1))
