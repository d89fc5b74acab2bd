// Human in the loop: one run that asks, and two panes that carry its question. It is answered here, on a second device, or on
// both at once; the connections may be lost meanwhile, and the page reloaded.
SCENARIOS.approve = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { mode: ["you", "device", "both"], line: ["kept", "dropped"] },
  actions: ["takeup", "stop"],
  fields: ["rate"],
  kept: "streamwise.approve", // the one thing that a reload leaves: which run of which thread waits

  left() {
    try {
      const { thread, run } = JSON.parse(sessionStorage.getItem(this.kept));
      return [thread, run].every((id) => /^[0-9a-f-]{36}$/.test(id)) ? { thread, run } : null;
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

  async run(stage) {
    const { mode, line, takeUp } = stage.settings;
    const left = takeUp ? this.left() : null;
    const thread = left?.thread ?? (await stage.thread());
    await this.open(stage, thread, left);
    left ? stage.takeUp(left.run) : await stage.start(stage.panes, { approve: true, n_tokens: 90 });
    this.keep({ thread, run: stage.panes[0].run });
    const asks = (pane) => pane.question || pane.tokens || stage.done(pane); // the two others: somebody has answered already
    await stage.until(() => stage.panes.every(asks));
    const question = stage.panes.map((pane) => pane.question?.id).find(Boolean);
    if (question && line === "dropped") await this.lose(stage);
    if (question && mode !== "you") await this.answer(stage, thread, question);
    await stage.settled();
    this.keep(null);
    for (const pane of stage.panes) this.figures(stage, pane);
  },

  async open(stage, thread, left) {
    const [sse, socket] = stage.panes;
    try {
      await Promise.all([stage.open(sse, { kind: "eventsource", thread }), stage.open(socket, { kind: "socket", thread, resume: () => true })]);
    } catch (error) {
      if (left) this.keep(null); // the server has forgotten it, and the panes say so
      throw error;
    }
  },

  // Both connections, while the question waits.
  async lose(stage) {
    await stage.wait(700);
    await stage.drop();
    await stage.until(() => stage.panes.every((pane) => stage.done(pane) || (pane.reconnects > 0 && pane.kind === "open")));
    stage.changed("asked");
  },

  // On a second device; with "both" here as well, in the same moment, and once more otherwise.
  async answer(stage, thread, question) {
    const device = await this.device(stage, thread);
    await stage.wait(900);
    const here = stage.settings.mode === "both" ? [stage.panes[0]] : [];
    await Promise.all([...here, device].map((who) => stage.respond(who, "yes", question)));
    if (here.length) await stage.respond(device, "no", question);
  },

  // A connection that no pane shows.
  device(stage, thread) {
    const device = { id: "device", transport: "websocket", thread, api: stage.api, asked() {}, warn() {} };
    return new Promise((opened, refused) => {
      const state = (state, { reason } = {}) => {
        if (state === "open") opened(device);
        if (state === "closed" || state === "refused") refused(new Refused("refused", reason || stage.words["lab.error.closed"], 0));
      };
      const hooks = { state, event() {}, heard() {}, beat() {}, back() {}, wire() {} };
      device.stream = new SocketStream(new URL(`${stage.api}/threads/${thread}/stream/events`, location.href).href, hooks, { resume: () => false });
      stage.hold(() => device.stream.close());
      device.stream.open();
    });
  },

  figures(stage, pane) {
    const events = pane.heard.filter(([, kind]) => kind === "event");
    const count = (test) => events.filter(([, , event]) => test(event)).length;
    const mine = stage.responses.filter(({ by }) => (by === "sse") === (pane.transport === "sse")); // a device speaks WebSocket
    const first = stage.responses[0]?.t;
    const on = events.find(([t, , { method, params }]) => t >= first && method === "lifecycle" && params.data.event === "running");
    pane.figure("asked", count(({ method }) => method === "input.requested"));
    pane.figure("accepted", mine.filter(({ repeated }) => repeated === false).length);
    pane.figure("repeated_responses", mine.filter(({ repeated }) => repeated === true).length);
    pane.figure("refused", mine.filter(({ refused }) => refused).length);
    pane.figure("model_runs", count(({ method, params }) => method === "messages" && params.node === "answer" && params.data.event === "message-start"));
    pane.figure("answer_ms", on ? on[0] - first : null);
  },

  outcome(stage) {
    const runs = Math.max(...stage.panes.map((pane) => pane.figures.model_runs));
    const { takeUp } = stage.settings;
    const stopped = stage.stopAt !== null;
    const who = answered(stage.responses, stage.settings.mode);
    const sentence = stopped ? "stop" : takeUp ? "takeup" : who;
    // What happened, which is less than what was asked for where somebody was quicker.
    const how = [stopped ? "stop" : who, stage.dropped ? "dropped" : "kept", ...(takeUp ? ["takeup"] : [])];
    const all = (name) => stage.panes.reduce((sum, pane) => sum + pane.figures[name], 0);
    const values = { runs, responses: stage.responses.length, accepted: all("accepted"), same: all("repeated_responses"), refused: all("refused") };
    const came = runs === 0 ? (stopped ? null : "none") : runs === 1 ? "once" : "each"; // of a run that was stopped, nothing got lost
    return { came, sentence, how, values };
  },
};

// Who has answered, whoever was to: this page, the second device, or both.
const answered = (responses, planned) => {
  const who = new Set(responses.map(({ by }) => (by === "device" ? "device" : "you")));
  return who.size === 2 ? "both" : ([...who][0] ?? planned);
};
