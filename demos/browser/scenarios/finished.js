// Finished answer: three clients ask one question each. The naive EventSource takes the end of the answer for a lost connection.
import { seconds } from "../words.js";

const N_TOKENS = 30;
const ASKS = 4; // how often the naive one is let ask: a count, since a slow machine needs longer for it
const LONGEST_MS = 40000;
const RESTS = ["closed", "gone", "ended"];

export const finished = {
  panes: [
    { transport: "sse", client: "EventSource", id: "naive" },
    { transport: "sse", client: "EventSource", id: "right" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { remedy: ["done", "status"] },
  fields: ["rate"],
  places: ["requests", "model_runs", "made", "twice"],
  bad: ["twice"],
  lasts: ({ rate }) => (ASKS - 1) * (1400 + (N_TOKENS / rate) * 1000),

  async play(run) {
    const { remedy, seed, rate } = run.settings;
    const [naive, right, socket] = run.panes;
    naive.client = "naive";
    // A key for each: the server's ledger says what an answer has cost.
    const keys = new Map(run.panes.map((pane) => [pane, Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16)).join("")]));
    const look = async (pane) => {
      const ledger = await run.request(`/traps/answers/${keys.get(pane)}`);
      for (const [name, value] of Object.entries(ledger)) pane.figure(name, value);
      pane.figure("twice", pane.tokens - new Set(pane.seq.filter((_, n) => pane.token[n])).size);
    };
    const ask = (pane, kind, ending, options) => run.open(pane, { kind, path: `/traps/answers/${keys.get(pane)}/${ending}?seed=${seed}&rate=${rate}&n_tokens=${N_TOKENS}`, ...options });
    run.begin();
    await Promise.all([
      ask(naive, "eventsource", "naive", { ids: false, supervised: () => false }),
      ask(right, "eventsource", remedy, { supervised: () => false }),
      ask(socket, "socket", "socket", { resume: () => false }),
    ]);
    if (remedy === "status") run.until(() => right.kind === "closed").then(() => right.state("gone"), () => {}); // EventSource does not say why
    const timer = setInterval(() => run.panes.forEach((pane) => look(pane).catch(() => {})), 500);
    run.hold(() => clearInterval(timer));
    // Until the naive one has asked often enough to be believed, and the others are at rest.
    const over = () => naive.figures.requests >= ASKS && [right, socket].every(({ kind }) => RESTS.includes(kind));
    await run.until(over, LONGEST_MS);
    clearInterval(timer);
    naive.stream.close(); // it would go on for as long as the page is open
    naive.state("left");
    await Promise.all(run.panes.map(look));
  },

  outcome(run) {
    const { requests } = run.panes[0].figures;
    return { came: requests > 2 ? "again" : requests === 2 ? "twice" : "once", how: [run.settings.remedy], values: { s: seconds(run.endedAt - run.started) }, so: so(run) };
  },
};

const so = ({ panes }) => {
  const [naive, right, socket] = panes.map(({ figures }) => figures);
  if (!naive.made || !right.made || !socket.made) return ["not_early"];
  if (naive.requests < 2) return ["not_asked"];
  return ["again", right.model_runs > 1 ? "right_too" : right.requests > 1 ? "status" : "done"];
};
