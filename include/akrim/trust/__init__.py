"""Trust: who signed what, whom it is sealed for, and whether it still holds; needs files and keys alone.

It runs on a centre's machine without a database, a home folder or any setting, so it imports nothing of the pipeline.
"""
