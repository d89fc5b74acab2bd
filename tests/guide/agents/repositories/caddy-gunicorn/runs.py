def start(client, thread):
    return client.runs.stream(thread, "agent", on_disconnect="continue")
