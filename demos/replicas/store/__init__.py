"""The engine that the servers share: what is asked of it, and how."""
