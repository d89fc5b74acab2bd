// Finished answer: three clients ask one question each. The naive EventSource takes the end of the answer for a lost connection.
SCENARIOS.finished = {
  panes: [
    { transport: "sse", client: "EventSource", id: "naive" },
    { transport: "sse", client: "EventSource", id: "right" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { remedy: ["done", "status"] },
  fields: ["rate"],
  places: ["requests", "model_runs", "made", "twice"],
  bad: ["twice"],
  watched: 10000, // how long the naive one is let ask, ms
  lasts: () => SCENARIOS.finished.watched,

  async run(stage) {
    const { remedy, seed, rate } = stage.settings;
    const [naive, right, socket] = stage.panes;
    naive.client = "naive";
    // A key for each: the server's ledger says what an answer has cost.
    const keys = new Map(stage.panes.map((pane) => [pane, Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16)).join("")]));
    const look = async (pane) => {
      const ledger = await stage.request(`/traps/answers/${keys.get(pane)}`);
      for (const [name, value] of Object.entries(ledger)) pane.figure(name, value);
      pane.figure("twice", pane.tokens - new Set(pane.seq.filter((_, n) => pane.token[n])).size);
    };
    const ask = (pane, kind, ending, options) => stage.open(pane, { kind, path: `/traps/answers/${keys.get(pane)}/${ending}?seed=${seed}&rate=${rate}&n_tokens=24`, ...options });
    stage.begin();
    await Promise.all([
      ask(naive, "eventsource", "naive", { ids: false, supervised: () => false }),
      ask(right, "eventsource", remedy, { supervised: () => false }),
      ask(socket, "socket", "socket", { resume: () => false }),
    ]);
    if (remedy === "status") stage.until(() => right.kind === "closed").then(() => right.state("gone"), () => {}); // EventSource does not say why
    const timer = setInterval(() => stage.panes.forEach((pane) => look(pane).catch(() => {})), 500);
    stage.hold(() => clearInterval(timer));
    await stage.wait(this.watched);
    clearInterval(timer);
    naive.stream.close(); // it would go on for as long as the page is open
    naive.state("left");
    await Promise.all(stage.panes.map(look));
  },

  outcome(stage) {
    const { requests } = stage.panes[0].figures;
    return { came: requests > 2 ? "again" : requests === 2 ? "twice" : "once", how: [stage.settings.remedy], values: { s: SCENARIOS.finished.watched / 1000 } };
  },
};
