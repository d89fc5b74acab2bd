// What a token weighs: one answer in four forms, one pane each, one after another. The server frames, compresses and counts.
import { Refused } from "../transports/api.js";
import { figure } from "../view/figures.js";

const WEIGHED = ["sse_bytes", "sse_gzip_bytes", "websocket_bytes", "websocket_deflate_bytes"];
const RATE = 300; // tokens a second: fast, and slow enough to be watched

export const payload = {
  panes: ["v2_events", "messages", "protocol", "tokens"].map((form) => ({ id: form, transport: "sse", client: form, places: ["tokens", "events", ...WEIGHED] })),
  fields: [],
  saves: false, // a file holds events, and these panes show bytes that the server counted piece by piece
  lasts: () => 15000,

  async play(run) {
    const source = new EventSource(`${run.api}/payload?seed=${run.settings.seed}&rate=${RATE}`);
    run.hold(() => source.close());
    const pane = (form) => run.panes.find((one) => one.id === form);
    /** @type {any} */
    let done = null;
    const hear = (name, act) => source.addEventListener(name, ({ data }) => (act(JSON.parse(data)), run.wake()));
    hear("piece", (said) => this.piece(pane(said.form), said));
    hear("form", (said) => this.whole(pane(said.form), said));
    hear("done", (said) => (source.close(), (done = said)));
    // Nothing here can be resumed: a stream that breaks is a run that failed.
    source.onerror = () => (source.close(), run.fail(new Refused("closed", run.words["scenario.payload.broke"], 0)));
    run.begin();
    await run.until(() => done);
    const { ratios, shares } = done;
    for (const one of run.panes) for (const [name, value] of Object.entries(shares[one.id])) one.figure(name, value);
    this.told = Object.fromEntries(Object.entries(ratios).map(([name, value]) => [name, figure(`${name}_times`, value)]));
    this.largest = done.largest;
  },

  piece(pane, { text, size, token, events, tokens, bytes }) {
    if (pane.kind === "idle") pane.state("open");
    pane.heardAt = performance.now();
    pane.at.push(Math.round(pane.heardAt * 10) / 10);
    pane.seq.push(events);
    pane.token.push(token);
    pane.tokens = tokens;
    pane.write("wire", `${text}${size > text.length ? ` … ${size} B` : ""}\n`);
    pane.count({ tokens, events, lost: null, gap_max_ms: null, ...Object.fromEntries(Object.entries(bytes).map(([wire, n]) => [`${wire}_bytes`, n])) });
  },

  whole(pane, { per_token }) {
    for (const [wire, n] of Object.entries(per_token)) pane.figure(`${wire}_token_bytes`, n);
    pane.finished = true;
    pane.endedAt = performance.now();
    pane.marked("end", pane.endedAt);
    pane.state("ended");
  },

  outcome(run) {
    const so = [run.panes.every((pane) => pane.tokens) ? this.largest : "not_early"];
    return { came: this.largest, how: ["forms"], values: { ...this.told, rate: RATE }, so };
  },
};
