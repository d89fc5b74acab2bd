"""The doors of the guide and of the demos for programs: one command, a JSON interface, and an MCP server."""
