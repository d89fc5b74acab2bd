"""Workshop rooms: attendees' own browsers read one shared run over both transports, and the wall shows what happened.

state machine (room) <-- conductor (runs, cuts, clock) <-- endpoints. In memory only; no names.
"""
