"""Rooms on a server: their clock, their runs, their pages and their endpoints."""
