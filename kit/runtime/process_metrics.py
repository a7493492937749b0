"""The registry of a process, with what is to be known of any process: memory, files, garbage, version."""

from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, GCCollector, Info, PlatformCollector, ProcessCollector


def process_registry(service: str) -> CollectorRegistry:
    """Made once, as the process is set up, and handed on."""
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
