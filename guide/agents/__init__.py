"""The guide for programs and for coding agents: small answers to five questions, whichever door they come through."""
