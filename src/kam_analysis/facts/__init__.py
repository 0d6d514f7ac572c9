"""Measures per customer that several rooms need, so that no room waits for a later one."""
