// Three clients of one run: EventSource, a fetch stream, a WebSocket. All are cut once; the server tells what each one sent.
SCENARIOS.clients = {
  panes: [
    { transport: "sse", client: "EventSource", id: "eventsource" },
    { transport: "sse", client: "fetch", id: "fetch" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { code: ["none", "resume"] },
  fields: ["rate"],
  silence: 3000,

  async run(stage) {
    const { code, rate } = stage.settings;
    const resume = () => code === "resume";
    const kinds = ["eventsource", "fetch", "socket"];
    const child = await stage.child();
    await stage.warm(child);
    const thread = await stage.thread(child.api);
    const path = `/traps/heads/${thread}/stream/events`;
    // Only fetch takes a header of ours; the other two constructors have no place for one.
    const headers = { Authorization: "Bearer a-token-of-the-lab" };
    await Promise.all(stage.panes.map((pane, n) => stage.open(pane, { kind: kinds[n], child, thread, path, resume, watched: resume, headers })));
    await stage.start(stage.panes, { n_tokens: rate * 4 });
    await stage.tokens(rate);
    await stage.drop("reset");
    await stage.settled();
    const heads = await stage.request(`/traps/heads/${thread}`, undefined, child.api);
    for (const pane of stage.panes) {
      const head = heads[pane.client];
      pane.figure("requests", head.requests);
      pane.figure("posted", head.posted);
      pane.figure("authorized", head.authorized);
    }
  },

  outcome(stage) {
    const came = stage.panes.filter((pane) => pane.measured.reconnects > 0).map((pane) => pane.id);
    const kinds = { "": "none", eventsource: "eventsource", "eventsource fetch websocket": "all" }; // any other was no choice
    return { came: kinds[came.join(" ")] ?? null, sentence: stage.settings.code, how: [stage.settings.code] };
  },
};
