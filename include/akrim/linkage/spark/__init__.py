"""Linkage's blocking and weighing on Apache Spark, where AKRIM_LINKAGE_BACKEND asks for it (docs/adr/0031)."""

from akrim.linkage.spark.requirements import require_spark

__all__ = ["require_spark"]
