// Stop: a stream is closed, or told to stop, in the middle of its answer. The server's own ledger says what that stopped.
// Where a server freezes, each pane has a process of its own, or one would hold the other up.
const OURS = { good: { on_disconnect: "stop", grace_ms: 0 }, kept: { on_disconnect: "keep" } };

SCENARIOS.stop = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  places: ["first_token_ms", "events", "model_stop_ms", "wasted_tokens", "after_stop"],
  bad: ["wasted_tokens"],
  choices: { server: ["good", "kept", "blocking", "detached", "deaf"], way: ["close", "explicit"] },
  fields: ["rate"],
  lasts: () => 6000,

  async run(stage) {
    const { rate, seed, server, way } = stage.settings;
    const length = { n_tokens: rate * 4 };
    const [child, other] = await Promise.all([stage.child(), server === "blocking" && stage.child()]);
    const children = [child, other || child];
    if (server in OURS) await stage.warm(child);
    const kinds = { sse: "eventsource", websocket: "socket" };
    const open = (pane, n, more) => stage.open(pane, { kind: kinds[pane.transport], child: children[n], resume: () => false, watched: () => false, ...more });
    if (server in OURS) {
      await Promise.all(stage.panes.map(async (pane, n) => open(pane, n, { thread: await stage.thread(children[n].api) })));
      await stage.start(stage.panes, { ...length, ...OURS[server] });
    } else {
      const made = await Promise.all(children.map(({ api }) => stage.request(`/traps/stop/${server}`, { rate, seed, ...length }, api)));
      stage.begin();
      await Promise.all(stage.panes.map((pane, n) => open(pane, n, { thread: made[n].thread_id, path: `/traps/stop/${server}/${made[n].thread_id}` })));
      stage.panes.forEach((pane, n) => (pane.run = made[n].run_id));
    }
    await stage.tokens(rate);
    const told = await Promise.all(stage.panes.map((pane) => this.stop(stage, pane, server, way)));
    return { had: Math.min(...stage.panes.map((pane) => pane.hadAtStop)), wasted: told.map((one) => one.wasted), n: length.n_tokens };
  },

  // Stops one pane's answer, and asks its server until the model is at rest.
  async stop(stage, pane, server, way) {
    const [stopped_ms, at] = [Date.now(), performance.now()]; // the wall clock, since the server's ledger has no other
    pane.hadAtStop = pane.tokens;
    pane.marked("stop", at);
    stage.changed(`stopping.${way}`);
    if (way === "close") {
      pane.stream.close();
      pane.state("left");
    } else if (server in OURS || pane.transport === "websocket") {
      stage.command(pane, "run.cancel", {}, pane.transport === "websocket").catch((error) => stage.fail(error));
    } else {
      stage.request(`/traps/stop/${server}/${pane.thread}/stop`, {}, pane.api).catch((error) => stage.fail(error));
    }
    let told = { over: false };
    while (!told.over) {
      await stage.wait(100);
      told = await stage.request(`/traps/ledger/${pane.thread}`, { stopped_ms }, pane.api);
    }
    await stage.until(() => way === "close" || stage.done(pane), 2000); // what was under way arrives
    const rested = told.model_stop_ms === null ? null : at + told.model_stop_ms;
    // Said once: where the page saw the run's end at the same time, that mark stands already.
    if (rested !== null && !(Math.abs(pane.endedAt - rested) < 200)) pane.marked("model", rested);
    pane.figure("model_stop_ms", told.model_stop_ms);
    pane.figure("wasted_tokens", told.wasted);
    pane.figure("after_stop", pane.tokens - pane.hadAtStop);
    return told;
  },

  outcome(stage, { had, wasted, n }) {
    const worst = Math.max(...wasted);
    const came = worst <= 3 ? "none" : worst >= (n - had) * 0.8 ? "rest" : "some";
    const { server, way } = stage.settings;
    return { came, sentence: `${server}.${way}`, how: [server, way] };
  },
};
