// Dropped connection: both streams meet the same fault in mid-answer. Right: ids and a position; naive: neither.
SCENARIOS.drop = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { client: ["naive", "right"], ending: ["reset", "clean", "silence"] },
  fields: ["rate"],
  silence: 3000, // the page's own watchdog: how long a stream may say nothing before it is taken for dead

  async run(stage) {
    const { client, ending, seed } = stage.settings;
    const right = client === "right";
    const [sse, socket] = stage.panes;
    if (!right) sse.client = socket.client = "naive";
    const thread = await stage.thread();
    await stage.faults(thread, [{ fault: ending, after_ms: 1500, spread_ms: 400, seed }]);
    await Promise.all([
      stage.open(sse, { kind: "eventsource", thread, ids: right, watched: () => right }),
      stage.open(socket, { kind: "socket", thread, resume: () => right }),
    ]);
    await stage.start();
    await stage.settled();
  },

  outcome(stage) {
    const { lost } = stage.panes[1].measured;
    return { came: lost === 0 ? "none" : lost > 10 ? "rest" : "few", sentence: stage.settings.client, how: [stage.settings.client, stage.settings.ending] };
  },
};
