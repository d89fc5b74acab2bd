"""Holds committed records against today's rules and facts: what turned, what moved, what nobody knows any more."""
