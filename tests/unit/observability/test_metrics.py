"""Metric names keep the conventions, and every metric can be used."""

from __future__ import annotations

import re

import pytest

from federation.observability.metrics import METRICS, Kind, Metric, Metrics


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_name_follows_the_conventions(metric: Metric) -> None:
    assert re.fullmatch(r"ioc_[a-z][a-z0-9_]*", metric.name)
    assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
    assert not re.search(r"_(ms|us|minutes|kb|mb)(_|$)", metric.name)
    assert metric.meaning.endswith(".")


def test_names_are_unique() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)


def test_two_runtimes_do_not_mix() -> None:
    first, second = Metrics(), Metrics(program="sample", version="1")
    for metric in METRICS:
        labels = dict.fromkeys(metric.labels, "x")
        match metric.kind:
            case Kind.COUNTER:
                first.counter(metric, **labels).inc()
            case Kind.GAUGE:
                first.gauge(metric, **labels).set(1)
            case Kind.HISTOGRAM:
                first.histogram(metric, **labels).observe(0.1)
    assert b'ioc_task_failures_total{task="x"} 1.0' in first.render()
    assert b'task="x"' not in second.render()
    assert b'ioc_build_info{program="sample",version="1"} 1.0' in second.render()
