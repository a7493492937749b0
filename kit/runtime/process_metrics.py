"""Metrics registry of a process, with memory, files, garbage collection and version."""

from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, GCCollector, Info, PlatformCollector, ProcessCollector


def process_registry(service: str) -> CollectorRegistry:
    """A registry with the collectors of every process. Call it once, at set-up."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    Info("palique_build", "Which version of which service this is.", registry=registry).info(
        {"service": service, "version": _version()}
    )
    return registry


def _version() -> str:
    try:
        return version("palique")
    except PackageNotFoundError:  # a source tree that was never installed
        return "unknown"
