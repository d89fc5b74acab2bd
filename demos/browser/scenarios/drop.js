// Dropped connection: both streams meet the same fault in mid-answer. Naive: neither ids nor resume code; again: the prompt is
// sent once more; right: ids and a position. Who reads the event stream: EventSource, fetch with resume code, or fetch that takes the
// response of one POST for the whole answer, where there is nothing to come back to.
import { cutInMidAnswer, fate } from "./lessons.js";

const CUT_AFTER = 20; // tokens, not milliseconds: a slow machine is cut at the same word

export const drop = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { reader: ["eventsource", "fetch", "post"], client: ["naive", "again", "right"], ending: ["reset", "clean", "silence"] },
  reads: ({ reader }) => [reader, "websocket"],
  preferred: ({ reader }) => ({ reader }), // the one that is recommended for the user's answers
  fields: ["rate"],
  silence: 3000, // the page's own watchdog: how long a stream may say nothing before it is taken for dead

  async play(run) {
    const { client, ending, reader } = run.settings;
    const right = client === "right";
    const reads = {
      eventsource: { kind: "eventsource", ids: right },
      fetch: { kind: "fetch", resume: () => right },
      post: { kind: "fetch", resume: () => false },
    };
    const open = (thread) =>
      Promise.all([
        run.open(run.panes[0], { ...reads[reader], thread, watched: () => right }),
        run.open(run.panes[1], { kind: "socket", thread, resume: () => right }),
      ]);
    const names = { eventsource: "EventSource", fetch: "fetch", post: "fetch, one POST" };
    run.panes[0].client = names[reader];
    for (const pane of run.panes) pane.client = right || (reader === "post" && pane === run.panes[0]) ? pane.client : client === "again" ? "asks again" : "naive";
    const thread = await run.thread();
    await run.faults(thread, [{ fault: ending, after_tokens: CUT_AFTER, after_ms: 0 }]);
    await open(thread);
    await run.start();
    if (client === "again") await this.askAgain(run, open);
    await run.settled();
    for (const pane of run.panes) {
      pane.figure("model_runs", pane.runs); // those that the server has taken
      pane.figure("new_token_ms", fresh(pane));
    }
  },

  // As soon as both connections are lost, or silent for too long: another thread, the same question.
  async askAgain(run, open) {
    const lost = (pane) => pane.downs.length > 0 || performance.now() - pane.heardAt > this.silence;
    await run.until(() => run.panes.every(lost));
    for (const pane of run.panes) {
      pane.stream.close();
      pane.state("reconnecting");
      pane.run = null; // the other thread has not got one yet
    }
    await open(await run.thread());
    for (const pane of run.panes) pane.back();
    await run.start();
  },

  outcome(run) {
    const { lost } = run.panes[1].measured;
    const { client, ending, reader } = run.settings;
    // Nobody sees a silent cut: a watching page notices it later, any other never. Neither fetch resumes by itself.
    const resumes = reader === "eventsource" || (reader === "fetch" && client === "right");
    const code = client === "again" || resumes ? client : reader;
    const sentence = ending === "silence" ? `${code}.silence` : code;
    return { came: lost === 0 ? "none" : lost > 10 ? "rest" : "few", sentence, how: [`reader_${reader}`, client, ending], so: so(run) };
  },
};

const so = ({ panes, settings: { reader } }) => {
  const uncut = panes.map(cutInMidAnswer).find(Boolean);
  if (uncut) return [uncut];
  const [sse, socket] = panes.map(fate);
  if (panes.every((pane) => pane.figures.model_runs > 1 && !pane.measured.lost)) return ["again"];
  if (panes.every((pane) => pane.measured.lost && !pane.downs.length)) return ["unnoticed"];
  if (sse === "whole" && socket === "whole") return [panes.every((pane) => pane.alarms) ? "watched" : "both"];
  return [`${reader}_${sse}`, `websocket_${socket}`];
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
