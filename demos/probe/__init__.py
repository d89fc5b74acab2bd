"""Is a path safe for streams? Reads a target of ours through whatever stands before it."""
