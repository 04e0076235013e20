"""The gauges reach a collector of OpenTelemetry as Airflow's metrics, each with whose it is."""

import atexit
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer

import psycopg
import pytest
from akrim.orchestration.gauges import Gauge, measure, send

from tests.ledger.entering import enter_release


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What a collector on this machine was sent, whom Airflow's settings name."""
    got: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the server calls it by this name
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *about: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AIRFLOW__METRICS__OTEL_ON", "True")
    monkeypatch.setenv("OTEL_SDK_DISABLED", "false")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield got
    server.shutdown()


@pytest.mark.usefixtures("airflow")
def test_a_collector_gets_each_figure_with_whose_it_is(collector: list[bytes]) -> None:
    from airflow.sdk._shared.observability.metrics.base_stats_logger import NoStatsLogger
    from airflow.sdk._shared.observability.metrics.otel_logger import flush_otel_metrics
    from airflow.sdk.observability import stats
    from airflow.sdk.observability.metrics import stats_utils
    from opentelemetry.metrics import get_meter_provider
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

    # As Airflow does it before a task.
    stats.initialize(factory=stats_utils.get_stats_factory(), export_legacy_names=False)
    try:
        send([Gauge("akrim.deliveries.age_days", 12, {"agency": "nav"}), Gauge("akrim.links.drift", 0.5, {})])
        get_meter_provider().shutdown()
    finally:
        atexit.unregister(flush_otel_metrics)  # nothing is left for the end of the process
        stats.initialize(factory=NoStatsLogger, export_legacy_names=False)

    found = {
        (metric.name, point.as_double or point.as_int, tuple((a.key, a.value.string_value) for a in point.attributes))
        for body in collector
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for point in metric.gauge.data_points
    }  # fmt: skip
    assert found == {
        ("airflow.akrim.deliveries.age_days", 12, (("agency", "nav"),)),
        ("airflow.akrim.links.drift", 0.5, ()),
    }


def test_the_age_is_of_what_is_in_force_and_of_what_a_centre_may_use(warehouse: str) -> None:
    """A recalled release makes nothing younger, nor does one that is being made; a superseded one was sent all the same."""
    with psycopg.connect(warehouse) as connection:
        enter_release(connection, "2025-T2.1", "superseded")
        enter_release(connection, "2025-T3.1")
        enter_release(connection, "2026-T1.1", "recalled")
        enter_release(connection, "2026-T1.2", "building")
        for release_id, centre in (("2025-T3.1", "oslo"), ("2026-T1.1", "oslo"), ("2025-T2.1", "bergen")):
            connection.execute(
                "insert into meta.sent_releases (release_id, centre_id, content_sha256, recipients_sha256, manifest_sha256)"
                " values (%s, %s, 'c', 'r', 'm')",
                [release_id, centre],
            )
    ages = {
        gauge.of.get("centre"): gauge.value
        for gauge in measure(date(2026, 1, 10))
        if gauge.name == "akrim.release.age_days"
    }
    assert ages == {None: 10, "oslo": 10, "bergen": 132}
