"""Measurements: accuracy, cold start, building. Each script prints what it measured, beside its alternative."""
