// A second viewer: one pane of each transport reads from the start, another joins in mid-answer. A server that keeps a log
// sends it everything from the run's beginning; one without would send what comes from now on.
const JOINS_AT = 40; // tokens

export const viewer = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
    { transport: "sse", client: "EventSource", id: "sse_late" },
    { transport: "websocket", client: "WebSocket", id: "websocket_late" },
  ],
  choices: { server: ["log", "none"] },
  fields: ["rate"],
  lasts: ({ rate }) => 1500 + (120 / rate) * 1000,

  async play(run) {
    const [sse, socket, lateSse, lateSocket] = run.panes;
    const thread = await run.thread();
    await Promise.all([run.open(sse, { kind: "eventsource", thread }), run.open(socket, { kind: "socket", thread, resume: () => true })]);
    await run.start([sse, socket], { n_tokens: 120 });
    await run.tokens(JOINS_AT, [sse, socket]);
    run.changed("joining");
    await Promise.all([join(run, lateSse, sse, "eventsource"), join(run, lateSocket, socket, "socket")]);
    run.changed("joined");
    await run.settled();
    for (const pane of run.panes) pane.paint();
    return { same: lateSse.text.textContent === sse.text.textContent && lateSocket.text.textContent === socket.text.textContent };
  },

  outcome(run, { same }) {
    const { server } = run.settings;
    const late = run.panes.slice(2).map((pane) => pane.measured.lost);
    const came = late.every((lost) => lost === 0) ? "all" : "rest";
    return { came, sentence: server === "none" ? "none" : same ? "same" : "differs", how: ["joined", server], so: so(run, same) };
  },
};

const so = ({ panes, settings: { server } }, same) => {
  const late = panes.slice(2);
  if (late.some(({ figures }) => !figures.joined_at)) return ["not_early"];
  const [first] = panes;
  if (late.some(({ figures }) => figures.joined_at >= first.measured.tokens + first.measured.lost)) return ["not_late"];
  const lost = late.map(({ measured }) => measured.lost > 0);
  return [lost.every(Boolean) ? (server === "none" ? "none" : "missed") : lost.some(Boolean) ? "one" : same ? "log" : "differs"];
};

// Joins the run of another pane, and is done once this one has all that the other has at that moment.
async function join(run, late, first, kind) {
  const log = run.settings.server === "log";
  const { last } = first.stream;
  late.figure("joined_at", first.tokens);
  late.began = performance.now();
  late.client += ", late";
  await run.open(late, { kind, thread: first.thread, since: log ? 0 : last, resume: () => true });
  late.run = first.run;
  late.marked("joined", late.began);
  await run.until(() => late.seq.length > 0 && late.stream.last >= first.stream.last);
  late.figure("caught_up_ms", log ? Math.round((performance.now() - late.began) * 10) / 10 : null);
  late.figure("replayed", late.seq.filter((seq) => seq <= last).length);
}
