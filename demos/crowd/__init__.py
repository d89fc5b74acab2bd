"""Simulated people in a room: each joins, predicts, reads both transports, is cut, and comes back."""
