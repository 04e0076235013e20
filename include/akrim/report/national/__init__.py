"""The national report, for the joint analysis centre and the steering group: figures by centre, and of persons what may be told."""

from akrim.report.national.content import write_national_report

__all__ = ["write_national_report"]
