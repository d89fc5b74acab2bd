"""Endpoints that are wrong on purpose. Only a process started for that has them; the app never imports this package."""
