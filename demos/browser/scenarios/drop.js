// Dropped connection: both streams meet the same fault in mid-answer. Naive: neither ids nor resume code; again: the prompt is
// sent once more; right: ids and a position.
SCENARIOS.drop = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { client: ["naive", "again", "right"], ending: ["reset", "clean", "silence"] },
  fields: ["rate"],
  silence: 3000, // the page's own watchdog: how long a stream may say nothing before it is taken for dead

  async run(stage) {
    const { client, ending, seed } = stage.settings;
    const right = client === "right";
    const open = (thread) =>
      Promise.all([
        stage.open(stage.panes[0], { kind: "eventsource", thread, ids: right, watched: () => right }),
        stage.open(stage.panes[1], { kind: "socket", thread, resume: () => right }),
      ]);
    for (const pane of stage.panes) pane.client = client === "right" ? pane.client : client === "again" ? "asks again" : "naive";
    const thread = await stage.thread();
    await stage.faults(thread, [{ fault: ending, after_ms: 1500, spread_ms: 400, seed }]);
    await open(thread);
    await stage.start();
    if (client === "again") await this.askAgain(stage, open);
    await stage.settled();
    for (const pane of stage.panes) {
      pane.figure("model_runs", pane.runs); // those that the server has taken
      pane.figure("new_token_ms", fresh(pane));
    }
  },

  // As soon as both connections are lost, or silent for too long: another thread, the same question.
  async askAgain(stage, open) {
    const lost = (pane) => pane.downs.length > 0 || performance.now() - pane.heardAt > this.silence;
    await stage.until(() => stage.panes.every(lost));
    for (const pane of stage.panes) {
      pane.stream.close();
      pane.state("reconnecting");
      pane.run = null; // the other thread has not got one yet
    }
    await open(await stage.thread());
    for (const pane of stage.panes) pane.back();
    await stage.start();
  },

  outcome(stage) {
    const { lost } = stage.panes[1].measured;
    const { client, ending } = stage.settings;
    // Nobody sees a silent cut: a watching page notices it later, any other never.
    const sentence = ending === "silence" ? `${client}.silence` : client;
    return { came: lost === 0 ? "none" : lost > 10 ? "rest" : "few", sentence, how: [client, ending] };
  },
};

// From the last token before the first cut to the first that had not been seen: null where none came.
const fresh = (pane) => {
  const cut = pane.downs[0]?.from;
  const tokens = pane.at.map((at, n) => ({ at, seq: pane.seq[n] })).filter((_, n) => pane.token[n]);
  const before = tokens.filter(({ at }) => at <= cut);
  const seen = Math.max(...before.map(({ seq }) => seq));
  const next = tokens.find(({ at, seq }) => at > cut && seq > seen);
  return before.length && next ? Math.round(next.at - before.at(-1).at) : null;
};
