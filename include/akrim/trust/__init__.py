"""Signatures, seals and whether a release is still valid; needs files and keys alone.

It runs on a centre's machine without database, home folder or settings, so it imports nothing of the pipeline.
"""
