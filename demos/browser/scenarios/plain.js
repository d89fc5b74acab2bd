// Side by side: one run in both panes, or a run in each; a person cuts and stops it by hand.
SCENARIOS.plain = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { mode: ["one", "two"] },
  actions: ["drop", "stop", "resume"],
  fields: ["question", "rate", "approve"],
  next: ({ mode }) => (mode === "one" ? "drop" : "stop"), // the button that a person wants once the run is on

  async run(stage) {
    const [sse, socket] = stage.panes;
    const first = await stage.thread();
    const second = stage.settings.mode === "two" ? await stage.thread() : first;
    // Both listen before the agent is asked, so that nobody has a head start.
    await Promise.all([stage.open(sse, { kind: "eventsource", thread: first }), stage.open(socket, { kind: "socket", thread: second })]);
    await stage.start();
    await stage.settled();
    if (socket.kind === "closed") socket.client = "naive"; // nobody's code brought it back
    if (stage.stopAt === null) return;
    for (const pane of stage.panes) {
      // A pane that had its end already was not stopped.
      pane.figure("stop_ms", pane.endedAt === null || pane.endedAt < stage.stopAt ? null : Math.round(pane.endedAt - stage.stopAt));
      pane.figure("after_stop", pane.tokens - pane.hadAtStop);
    }
  },

  outcome(stage) {
    const [sse, socket] = stage.panes.map((pane) => pane.measured);
    const cut = stage.dropped && socket.reconnects + sse.reconnects + socket.lost > 0;
    const same = stage.settings.mode === "one" && sse.lost + socket.lost === 0;
    const whole = sse.tokens + socket.tokens === 0 ? "nothing" : stage.settings.approve ? "approve" : same ? "plain" : "each";
    const sentence = stage.stopAt !== null ? "stop" : cut ? (socket.lost > 0 ? "naive" : "drop") : whole;
    const how = [stage.settings.mode];
    if (stage.dropped) how.push(stage.panes[1].client === "naive" ? "drop_naive" : "drop");
    if (stage.stopAt !== null) how.push("stop");
    if (stage.settings.approve) how.push("approve");
    return { came: sooner(sse.first_token_ms, socket.first_token_ms), sentence, how };
  },
};

// Whose first token came sooner; a pane without one is not the sooner. Nothing to judge where none came.
const sooner = (sse, socket) => {
  if (sse === null && socket === null) return null;
  const ahead = (socket ?? Infinity) - (sse ?? Infinity);
  return Math.abs(ahead) <= 20 ? "same" : ahead > 0 ? "sse" : "websocket";
};
