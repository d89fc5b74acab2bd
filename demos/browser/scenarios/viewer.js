// A second viewer: one pane of each transport reads from the start, another joins in mid-answer. A server that keeps a log
// sends it everything from the run's beginning; one without would send what comes from now on.
const JOINS_AT = 40; // tokens

SCENARIOS.viewer = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
    { transport: "sse", client: "EventSource", id: "sse_late" },
    { transport: "websocket", client: "WebSocket", id: "websocket_late" },
  ],
  choices: { server: ["log", "none"] },
  fields: ["rate"],
  lasts: ({ rate }) => 1500 + (120 / rate) * 1000,

  async run(stage) {
    const [sse, socket, lateSse, lateSocket] = stage.panes;
    const thread = await stage.thread();
    await Promise.all([stage.open(sse, { kind: "eventsource", thread }), stage.open(socket, { kind: "socket", thread, resume: () => true })]);
    await stage.start([sse, socket], { n_tokens: 120 });
    await stage.tokens(JOINS_AT, [sse, socket]);
    stage.changed("joining");
    await Promise.all([join(stage, lateSse, sse, "eventsource"), join(stage, lateSocket, socket, "socket")]);
    stage.changed("joined");
    await stage.settled();
    for (const pane of stage.panes) pane.paint();
    return { same: lateSse.text.textContent === sse.text.textContent && lateSocket.text.textContent === socket.text.textContent };
  },

  outcome(stage, { same }) {
    const { server } = stage.settings;
    const late = stage.panes.slice(2).map((pane) => pane.measured.lost);
    const came = late.every((lost) => lost === 0) ? "all" : "rest";
    return { came, sentence: server === "none" ? "none" : same ? "same" : "differs", how: ["joined", server] };
  },
};

// Joins the run of another pane, and is done once this one has all that the other has at that moment.
async function join(stage, late, first, kind) {
  const log = stage.settings.server === "log";
  const { last } = first.stream;
  late.figure("joined_at", first.tokens);
  late.began = performance.now();
  late.client += ", late";
  await stage.open(late, { kind, thread: first.thread, since: log ? 0 : last, resume: () => true });
  late.run = first.run;
  late.marked("joined", late.began);
  await stage.until(() => late.seq.length > 0 && late.stream.last >= first.stream.last);
  late.figure("caught_up_ms", log ? Math.round((performance.now() - late.began) * 10) / 10 : null);
  late.figure("replayed", late.seq.filter((seq) => seq <= last).length);
}
