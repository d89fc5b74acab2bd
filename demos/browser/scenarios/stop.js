// Stop: a stream is closed, or told to stop, in the middle of its answer. The server's own ledger says what that stopped.
// Where a server freezes, each pane has a process of its own, or one would hold the other up.
const OURS = { good: { on_disconnect: "stop", grace_ms: 0 }, kept: { on_disconnect: "keep" } };

export const stop = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  places: ["first_token_ms", "events", "model_stop_ms", "wasted_tokens", "after_stop"],
  bad: ["wasted_tokens"],
  choices: { server: ["good", "kept", "blocking", "detached", "deaf"], way: ["close", "explicit"] },
  fields: ["rate"],
  lasts: () => 6000,

  async play(run) {
    const { rate, seed, server, way } = run.settings;
    const length = { n_tokens: rate * 4 };
    const [child, other] = await Promise.all([run.child(), server === "blocking" && run.child()]);
    const children = [child, other || child];
    if (server in OURS) await run.warm(child);
    const kinds = { sse: "eventsource", websocket: "socket" };
    const open = (pane, n, more) => run.open(pane, { kind: kinds[pane.transport], child: children[n], resume: () => false, watched: () => false, ...more });
    if (server in OURS) {
      await Promise.all(run.panes.map(async (pane, n) => open(pane, n, { thread: await run.thread(children[n].api) })));
      await run.start(run.panes, { ...length, ...OURS[server] });
    } else {
      const made = await Promise.all(children.map(({ api }) => run.request(`/traps/stop/${server}`, { rate, seed, ...length }, api)));
      run.begin();
      await Promise.all(run.panes.map((pane, n) => open(pane, n, { thread: made[n].thread_id, path: `/traps/stop/${server}/${made[n].thread_id}` })));
      run.panes.forEach((pane, n) => (pane.run = made[n].run_id));
    }
    await run.tokens(rate);
    const told = await Promise.all(run.panes.map((pane) => this.stop(run, pane, server, way)));
    // The page may be slow, and the model done, or nearly, before the page has shown much of it. An answer may be shorter.
    const rest = ({ made, wasted, model_stop_ms }) => (model_stop_ms === null ? 0 : length.n_tokens - (made - wasted));
    const left = Math.min(...told.map(rest));
    return { had: Math.min(...run.panes.map((pane) => pane.hadAtStop)), wasted: told.map((one) => one.wasted), n: length.n_tokens, left };
  },

  // Stops one pane's answer, and asks its server until the model is at rest.
  async stop(run, pane, server, way) {
    const [stopped_ms, at] = [Date.now(), performance.now()]; // the wall clock, since the server's ledger has no other
    pane.hadAtStop = pane.tokens;
    pane.marked("stop", at);
    run.changed(`stopping.${way}`);
    if (way === "close") {
      pane.stream.close();
      pane.state("left");
    } else if (server in OURS || pane.transport === "websocket") {
      run.command(pane, "run.cancel", {}, pane.transport === "websocket").catch((error) => run.fail(error));
    } else {
      run.request(`/traps/stop/${server}/${pane.thread}/stop`, {}, pane.api).catch((error) => run.fail(error));
    }
    let told = { over: false };
    while (!told.over) {
      await run.wait(100);
      told = await run.request(`/traps/ledger/${pane.thread}`, { stopped_ms }, pane.api);
    }
    await run.until(() => way === "close" || run.done(pane), 2000); // what was under way arrives
    const rested = told.model_stop_ms === null ? null : at + told.model_stop_ms;
    // Said once: where the page saw the run's end at the same time, that mark stands already.
    if (rested !== null && !(Math.abs(pane.endedAt - rested) < 200)) pane.marked("model", rested);
    pane.figure("model_stop_ms", told.model_stop_ms);
    pane.figure("wasted_tokens", told.wasted);
    pane.figure("after_stop", pane.tokens - pane.hadAtStop);
    return told;
  },

  outcome(run, { had, wasted, n, left }) {
    const worst = Math.max(...wasted);
    const came = worst <= 3 ? "none" : worst >= (n - had) * 0.8 ? "rest" : "some";
    const { server, way } = run.settings;
    return { came, sentence: `${server}.${way}`, how: [server, way], values: { had }, so: so(run, { had, n, left }) };
  },
};

const so = ({ panes, settings: { way } }, { had, n, left }) => {
  if (!had) return ["not_early"];
  if (left < n / 10 || panes.some(({ hadAtStop }) => hadAtStop >= n)) return ["not_late"];
  const [sse, socket] = panes.map(({ figures, hadAtStop }) => (figures.wasted_tokens < (n - hadAtStop) / 2 ? "stopped" : "on"));
  if (sse !== socket) return [socket === "on" ? "websocket_on" : "sse_on"];
  if (sse === "stopped") return [way === "close" ? "left" : "told"];
  // Nothing more came, or all of it did.
  if (way === "close") return ["left_on"];
  return [panes.every(({ figures, hadAtStop }) => figures.after_stop < (n - hadAtStop) / 2) ? "looked_stopped" : "told_on"];
};
