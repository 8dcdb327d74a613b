"""The runner's figures for Prometheus, read from the sources when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

GAUGES = {
    "fps": ("tracking_source_frames_per_second", "Frames followed a second, lately", 1.0),
    "delay_ms": ("tracking_source_delay_seconds", "Median time from capture to following", 1000.0),
}
COUNTERS = {
    "frames": ("tracking_source_frames", "Frames followed"),
    "dropped": ("tracking_source_dropped_frames", "Frames left out because newer ones were there"),
    "still": ("tracking_source_still_frames", "Frames not detected anew: nothing moved"),
    "reconnects": ("tracking_source_reconnects", "Tries after the first"),
}


class SourceMeasures(Collector):
    """health: gives the runner's state, as its health page does."""

    def __init__(self, health: Callable[[], dict[str, Any]]) -> None:
        self._health = health

    def collect(self) -> Iterator[Metric]:
        health = self._health()
        sources = health["sources"]
        up = GaugeMetricFamily("tracking_source_up", "Whether it is watched now", labels=["source"])
        for name, source in sources.items():
            up.add_metric([name], source["state"] == "ok")
        yield up
        for key, (title, text, unit) in GAUGES.items():
            gauge = GaugeMetricFamily(title, text, labels=["source"])
            for name, source in sources.items():
                if source[key] is not None:
                    gauge.add_metric([name], source[key] / unit)
            yield gauge
        for key, (title, text) in COUNTERS.items():
            counter = CounterMetricFamily(title, text, labels=["source"])
            for name, source in sources.items():
                counter.add_metric([name], source[key])
            yield counter
        size = health["database_bytes"]
        yield GaugeMetricFamily("tracking_database_bytes", "Size of the database", value=size)
        wrong = float(health["database_trouble"] is not None)
        yield GaugeMetricFamily("tracking_database_trouble", "Whether writing fails", value=wrong)

    def describe(self) -> Iterator[Metric]:
        """Nothing is collected before it is asked for."""
        return iter(())


def registry(health: Callable[[], dict[str, Any]]) -> CollectorRegistry:
    """A registry of the sources' figures and the process's own."""
    metrics = CollectorRegistry()
    metrics.register(SourceMeasures(health))
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=metrics)
    return metrics
