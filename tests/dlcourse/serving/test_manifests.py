"""A good set of manifests breaks no rule, and each change is named."""

from __future__ import annotations

import pytest
import yaml

from dlcourse.serving.manifests import faults

IMAGE = "registry.example/emoji@sha256:" + "0" * 64
GOOD = f"""
kind: Deployment
spec:
  strategy: {{rollingUpdate: {{maxUnavailable: 0, maxSurge: 1}}}}
  template:
    metadata: {{labels: {{app: emoji}}}}
    spec:
      securityContext: {{runAsNonRoot: true}}
      containers:
      - image: {IMAGE}
        env: [{{name: MODEL, value: a.onnx}}]
        resources: {{requests: {{cpu: 1, memory: 1Gi}}, limits: {{memory: 1Gi}}}}
        securityContext: {{readOnlyRootFilesystem: true, allowPrivilegeEscalation: false}}
        startupProbe: {{httpGet: {{path: /ready}}}}
        readinessProbe: {{httpGet: {{path: /ready}}}}
        livenessProbe: {{httpGet: {{path: /live}}}}
---
kind: HorizontalPodAutoscaler
spec: {{minReplicas: 2}}
---
kind: PodDisruptionBudget
spec: {{maxUnavailable: 1, selector: {{matchLabels: {{app: emoji}}}}}}
---
kind: Service
"""


def test_good_manifests_break_no_rule() -> None:
    assert faults(yaml.safe_load_all(GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (IMAGE, "registry.example/emoji:latest", "not pinned by digest"),
        ("requests: {cpu: 1, memory: 1Gi}", "requests: {memory: 1Gi}", "no requests.cpu"),
        ("limits: {memory: 1Gi}", "limits: {}", "no limits.memory"),
        ("startupProbe", "ignored", "no startupProbe"),
        ("path: /live", "path: /ready", "ask the same"),
        ("runAsNonRoot: true", "runAsUser: 0", "runAsNonRoot is not true"),
        ("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "readOnlyRootFilesystem"),
        ("Escalation: false", "Escalation: true", "allowPrivilegeEscalation"),
        ("name: MODEL, value: a.onnx", "name: API_TOKEN, value: x", "take it from a Secret"),
        ("maxUnavailable: 0, maxSurge: 1", "maxSurge: 1", "before others are ready"),
        ("{rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}", "{type: Recreate}", "all replicas"),
        ("spec:\n  strategy", "spec:\n  replicas: 3\n  strategy", "overwrite the autoscaler's"),
        ("minReplicas: 2", "maxReplicas: 9", "one replica"),
        ("matchLabels: {app: emoji}", "matchLabels: {app: other}", "no PodDisruptionBudget"),
        ("{maxUnavailable: 1,", "{minAvailable: 2,", "never lets a node be emptied"),
        ("{maxUnavailable: 1,", "{minAvailable: 3,", "never lets a node be emptied"),
        ("{maxUnavailable: 1,", '{maxUnavailable: "0%",', "never lets a node be emptied"),
    ],
)
def test_a_change_is_named(old: str, new: str, fault: str) -> None:
    assert old in GOOD
    (found,) = faults(yaml.safe_load_all(GOOD.replace(old, new, 1)))
    assert fault in found


def test_probes_that_ask_in_another_way_than_by_http_are_not_the_same() -> None:
    asked = GOOD.replace("httpGet: {path: /ready}", "exec: {command: [ready]}").replace(
        "httpGet: {path: /live}", "exec: {command: [live]}"
    )
    assert faults(yaml.safe_load_all(asked)) == []


@pytest.mark.parametrize("text", ["kind: Service", GOOD + "---" + GOOD])
def test_one_deployment_is_looked_at(text: str) -> None:
    with pytest.raises(ValueError, match="one Deployment"):
        faults(yaml.safe_load_all(text))
