"""Probe that checks whether a network path is safe for streams. Reads a test server of ours through the path."""
