"""Several servers that share their threads over an engine: Redis or Valkey. Off unless STREAMWISE_REDIS_URL is set."""
