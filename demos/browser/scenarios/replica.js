// Replica: one of three servers is killed while it writes. Both clients have reconnecting code, and come back to another one.
export const replica = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { log: ["shared", "apart"] },
  fields: ["rate"],
  places: ["pause_ms", "tries", "never_came", "twice", "told"],
  bad: ["never_came", "twice"],
  made: 120, // tokens of a whole answer
  lasts: () => 12000,

  async play(run) {
    const { log } = run.settings;
    const { panes } = run;
    const child = await run.child(log);
    await run.warm(child);
    const thread = await run.thread(child.api);
    const kinds = { sse: "eventsource", websocket: "socket" };
    await Promise.all(panes.map((pane) => run.open(pane, { kind: kinds[pane.transport], child, thread, supervised: () => true, resume: () => true })));
    await run.start(panes, { n_tokens: this.made });
    if (log === "apart") for (const pane of panes) pane.run = null; // its list of tokens is gone with the server
    await run.tokens(30);
    run.changed("killing");
    await child.strike();
    this.killed = performance.now();
    await run.until(() => panes.every((pane) => pane.downs.length || run.done(pane)), 5000);
    for (const pane of panes) pane.marked("drop", pane.downs[0]?.from);
    run.changed("killed");
    const over = (pane) => run.done(pane) || ["closed", "refused", "gone", "ended"].includes(pane.kind);
    await run.until(() => panes.every(over), 30000);
    for (const pane of panes) this.judge(pane);
  },

  judge(pane) {
    const seen = new Set(pane.seq.filter((_, n) => pane.token[n])).size;
    const later = pane.at.filter((at, n) => pane.token[n] && at > this.killed);
    const pauses = later.map((at, n) => at - (n ? later[n - 1] : this.killed));
    pane.figure("pause_ms", pauses.length ? Math.round(Math.max(...pauses)) : null);
    pane.figure("tries", pane.tries);
    pane.figure("never_came", this.made - seen);
    pane.figure("twice", pane.tokens - seen);
    pane.figure("told", pane.kind === "refused" ? 1 : 0);
  },

  outcome(run) {
    const { log } = run.settings;
    const [sse, socket] = run.panes.map(({ figures }) => figures.never_came === 0);
    const most = Math.max(...run.panes.map(({ figures }) => figures.pause_ms ?? 0));
    const values = { made: this.made, pause_s: most ? (most / 1000).toFixed(1) : null };
    return { came: sse && socket ? "both" : sse ? "sse" : socket ? "websocket" : "neither", sentence: log, how: [log], values, so: so(run) };
  },
};

const so = ({ panes }) => {
  if (panes.some((pane) => !pane.tokens)) return ["not_early"];
  if (panes.some((pane) => !pane.downs.length)) return ["not_late"];
  const whole = panes.map(({ figures }) => figures.never_came === 0 && figures.twice === 0);
  return [whole.every(Boolean) ? "whole" : panes.every(({ figures }) => figures.never_came) ? "lost" : "mixed"];
};
