// Human in the loop: one run that asks, and two panes that carry its question. It is answered here, on a second device, or on
// both at once; the connections may be lost meanwhile, and the page reloaded.
import { Refused } from "../transports/api.js";
import { SocketStream } from "../transports/streams.js";

export const approve = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { mode: ["you", "device", "both"], line: ["kept", "dropped"] },
  // Not the first token: until it comes, a human has the question, for as long as they like.
  places: ["answer_ms", "gap_p50_ms", "gap_p95_ms", "events", "reconnects", "lost", "repeated"],
  actions: ["takeup", "stop"],
  fields: ["rate"],
  kept: "streamwise.approve", // the one thing that a reload leaves: which run of which thread waits

  left() {
    try {
      const { thread, run, key } = JSON.parse(sessionStorage.getItem(this.kept));
      return [thread, run].every((id) => /^[0-9a-f-]{36}$/.test(id)) ? { thread, run, key } : null;
    } catch {
      return null; // nothing is there, or nothing of ours, or the browser keeps nothing
    }
  },

  keep(run) {
    try {
      run ? sessionStorage.setItem(this.kept, JSON.stringify(run)) : sessionStorage.removeItem(this.kept);
    } catch {
      // then a reload cannot find it again
    }
  },

  async play(run) {
    const { mode, line, takeUp } = run.settings;
    const left = takeUp ? this.left() : null;
    const thread = left?.thread ?? (await run.thread());
    if (left?.key) run.keys.set(thread, left.key);
    await this.open(run, thread, left);
    left ? run.takeUp(left.run) : await run.start(run.panes, { approve: true, n_tokens: 90 });
    this.keep({ thread, run: run.panes[0].run, key: run.keys.get(thread) });
    const asks = (pane) => pane.question || pane.tokens || run.done(pane); // the two others: somebody has answered already
    await run.until(() => run.panes.every(asks));
    const question = run.panes.map((pane) => pane.question?.id).find(Boolean);
    if (question && line === "dropped") await this.lose(run);
    if (question && mode !== "you") await this.answer(run, thread, question);
    await run.settled();
    this.keep(null);
    for (const pane of run.panes) this.figures(run, pane);
  },

  async open(run, thread, left) {
    const [sse, socket] = run.panes;
    try {
      await Promise.all([run.open(sse, { kind: "eventsource", thread }), run.open(socket, { kind: "socket", thread, resume: () => true })]);
    } catch (error) {
      if (left) this.keep(null); // the server has forgotten it, and the panes say so
      throw error;
    }
  },

  // Both connections, while the question waits.
  async lose(run) {
    await run.wait(700);
    await run.drop();
    await run.until(() => run.panes.every((pane) => run.done(pane) || (pane.reconnects > 0 && pane.kind === "open")));
    run.changed("asked");
  },

  // On a second device; with "both" here as well, in the same moment, and once more otherwise.
  async answer(run, thread, question) {
    const device = await this.device(run, thread);
    await run.wait(900);
    const here = run.settings.mode === "both" ? [run.panes[0]] : [];
    await Promise.all([...here, device].map((who) => run.respond(who, "yes", question)));
    if (here.length) await run.respond(device, "no", question);
  },

  // A connection that no pane shows.
  device(run, thread) {
    const device = { id: "device", transport: "websocket", thread, api: run.api, asked() {}, warn() {} };
    return new Promise((opened, refused) => {
      const state = (state, { reason = "" } = {}) => {
        if (state === "open") opened(device);
        if (state === "closed" || state === "refused") refused(new Refused("refused", reason || run.words["lab.error.closed"], 0));
      };
      const hooks = { state, event() {}, heard() {}, beat() {}, tried() {}, back() {}, wire() {} };
      device.stream = new SocketStream(new URL(`${run.api}/threads/${thread}/stream/events`, location.href).href, hooks, { resume: () => false, key: run.keys.get(thread) });
      run.hold(() => device.stream.close());
      device.stream.open();
    });
  },

  figures(run, pane) {
    const events = pane.heard.filter(([, kind]) => kind === "event");
    const count = (test) => events.filter(([, , event]) => test(event)).length;
    const mine = run.responses.filter(({ by }) => (by === "sse") === (pane.transport === "sse")); // a device speaks WebSocket
    const first = run.responses[0]?.t;
    const on = events.find(([t, , { method, params }]) => t >= first && method === "lifecycle" && params.data.event === "running");
    pane.figure("asked", count(({ method }) => method === "input.requested"));
    pane.figure("accepted", mine.filter(({ repeated }) => repeated === false).length);
    pane.figure("repeated_responses", mine.filter(({ repeated }) => repeated === true).length);
    pane.figure("refused", mine.filter(({ refused }) => refused).length);
    pane.figure("model_runs", count(({ method, params }) => method === "messages" && params.node === "answer" && params.data.event === "message-start"));
    pane.figure("answer_ms", on ? on[0] - first : null);
  },

  outcome(run) {
    const runs = Math.max(...run.panes.map((pane) => pane.figures.model_runs));
    const { takeUp } = run.settings;
    const stopped = run.stopAt !== null;
    const who = answered(run.responses, run.settings.mode);
    const sentence = stopped ? "stop" : takeUp ? "takeup" : who;
    // What happened, which is less than what was asked for where somebody was quicker.
    const how = [stopped ? "stop" : who, run.dropped ? "dropped" : "kept", ...(takeUp ? ["takeup"] : [])];
    const all = (name) => run.panes.reduce((sum, pane) => sum + pane.figures[name], 0);
    const values = { runs, responses: run.responses.length, accepted: all("accepted"), same: all("repeated_responses"), refused: all("refused") };
    const came = runs === 0 ? (stopped ? null : "none") : runs === 1 ? "once" : "each"; // of a run that was stopped, nothing got lost
    return { came, sentence, how, values, so: so(run, { runs, accepted: values.accepted }) };
  },
};

const so = ({ panes, stopAt, dropped, settings }, { runs, accepted }) => {
  if (stopAt !== null) return [runs ? "stopped_late" : "stopped"];
  if (!accepted && !panes.some((pane) => pane.figures.asked)) return ["not_asked"];
  if (runs !== 1) return [runs ? "twice" : "none"];
  if (settings.takeUp) return ["reloaded"];
  return [dropped && panes.every((pane) => pane.measured.reconnects > 0) ? "dropped" : "once"];
};

// Who has answered, whoever was to: this page, the second device, or both.
const answered = (responses, planned) => {
  const who = new Set(responses.map(({ by }) => (by === "device" ? "device" : "you")));
  return who.size === 2 ? "both" : ([...who][0] ?? planned);
};
