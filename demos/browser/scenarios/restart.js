// Restart: the process that writes the answer ends in the middle of it. Above what browsers do by themselves, below with our code.
import { fill, seconds } from "../words.js";

export const restart = {
  panes: [
    { transport: "sse", client: "EventSource", id: "sse_alone" },
    { transport: "websocket", client: "WebSocket", id: "websocket_alone" },
    { transport: "sse", client: "EventSource", id: "sse_coded" },
    { transport: "websocket", client: "WebSocket", id: "websocket_coded" },
  ],
  choices: { down: ["quick", "deploy", "refusing"], server: ["loud", "anew"] },
  fields: ["rate"],
  places: ["back_ms", "tries", "never_came", "twice", "told"],
  bad: ["never_came", "twice"],
  away: { quick: 300, deploy: 8000, refusing: 3000 }, // ms, and the start of the process on top
  made: 90, // tokens of a whole answer
  lasts: ({ down }) => 8000 + restart.away[down],

  async play(run) {
    const { down, server, seed, rate } = run.settings;
    const { panes } = run;
    const coded = [false, false, true, true];
    panes.forEach((pane, n) => (pane.client = `${pane.usual}, ${coded[n] ? "reconnecting code" : "alone"}`));
    const child = await run.child();
    await run.warm(child);
    const open = (pane, n, more) => run.open(pane, { kind: n % 2 ? "socket" : "eventsource", child, supervised: () => coded[n], resume: () => coded[n], ...more });
    if (server === "loud") {
      const thread = await run.thread(child.api);
      await Promise.all(panes.map((pane, n) => open(pane, n, { thread })));
      await run.start(panes, { n_tokens: this.made });
      for (const pane of panes) pane.run = null; // its list of tokens will be gone with the process: nothing to count against
    } else {
      run.begin();
      const path = (n) => `/traps/answers/${n}/${n % 2 ? "socket" : "naive"}?seed=${seed}&rate=${rate}&n_tokens=${this.made}`;
      await Promise.all(panes.map((pane, n) => open(pane, n, { path: path(n), ids: false })));
    }
    await run.tokens(30);
    run.changed("restarting");
    const restarting = child.restart(this.away[down], { refusing: down === "refusing" });
    await Promise.race([restarting, run.until(() => panes.every((pane) => pane.downs.length))]);
    for (const pane of panes) pane.marked("drop", pane.downs[0]?.from);
    await restarting;
    this.up = performance.now();
    for (const pane of panes) pane.marked("up", this.up);
    run.changed("up");
    const resting = (pane) => ["closed", "refused", "gone", "ended"].includes(pane.kind) || (pane.kind === "open" && pane.reconnects > 0);
    await run.until(() => panes.every(resting), 15000);
    for (const pane of panes) this.judge(pane);
    const distinct = (pane) => new Set(pane.seq.filter((_, n) => pane.token[n])).size;
    await run.until(() => panes.every((pane) => pane.kind !== "open" || distinct(pane) >= this.made), 15000);
    for (const pane of panes) {
      pane.figure("never_came", this.made - distinct(pane));
      pane.figure("twice", pane.tokens - distinct(pane));
    }
  },

  judge(pane) {
    const back = pane.marks.find(({ kind }) => kind === "back");
    pane.figure("back_ms", back && pane.downs.length ? Math.round(back.t - pane.downs[0].from) : null);
    pane.figure("tries", pane.tries);
    pane.figure("told", pane.kind === "refused" ? 1 : 0);
  },

  outcome(run) {
    const { down, server } = run.settings;
    const word = (pane) => {
      const { back_ms, tries, told } = pane.figures;
      const key = !pane.downs.length ? "spared" : back_ms !== null ? "back" : told ? "told" : tries === 1 ? "dead_once" : tries ? "dead" : "idle";
      return fill(run.words[`scenario.restart.outcome.${key}`], { s: seconds(back_ms ?? 0), n: tries });
    };
    const [sse, socket] = run.panes.map((pane) => pane.figures.back_ms !== null);
    const lost = run.panes.flatMap((pane) => pane.downs.map(({ from }) => from)); // none where all were finished before it ended
    const away_s = lost.length ? seconds(this.up - Math.min(...lost)) : null;
    const outcomes = Object.fromEntries(run.panes.map((pane) => [`${pane.id}_outcome`, word(pane)]));
    return { came: sse && socket ? "both" : sse ? "sse" : socket ? "websocket" : "neither", sentence: server, how: [down, server], values: { away_s, made: this.made, ...outcomes }, so: so(run) };
  },
};

const so = ({ panes }) => {
  if (panes.some((pane) => !pane.tokens)) return ["not_early"];
  if (panes.some((pane) => !pane.downs.length)) return ["not_late"];
  const [sse, socket, ...coded] = panes.map(({ figures }) => (figures.back_ms !== null ? "back" : figures.told ? "told" : "dead"));
  const alone = sse === "back" ? (socket === "back" ? "alone_both" : "alone_sse") : socket === "back" ? "alone_websocket" : "alone_none";
  const all = (word) => coded.every((one) => one === word);
  const twice = panes.slice(2).some(({ figures }) => figures.twice);
  const lost = panes.every(({ figures }) => figures.never_came) ? ["all_lost"] : [];
  return [alone, all("told") ? "coded_told" : all("back") ? (twice ? "coded_twice" : "coded_whole") : all("dead") ? "coded_dead" : "coded_mixed", ...lost];
};
