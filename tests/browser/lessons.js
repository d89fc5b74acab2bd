// Figures of usual, other and spoiled runs of every scenario, and what the lab says of them. The body of a function.
const after = (n) => Array.from({ length: n }, (_, k) => k);
// Tokens 1 to `before` come before the cut at 1,000 ms, `more` new ones after it, and `again` of the old ones.
const cut = (id, before, more, measured = {}, given = {}) => counted(id, { tokens: before + more, ...measured }, {
  at: [...after(before).map((n) => 500 + n), ...after(more).map((n) => 2000 + n)],
  seq: after(before + more), token: after(before + more).map(() => true), tokens: before + more, downs: [{ from: 1000, to: 1900 }],
  hadAtStop: 30, alarms: 0, ...given,
});
const figured = (id, figures, given = {}, measured = {}) => counted(id, measured, { figures, tokens: 60, hadAtStop: 30, alarms: 0, ...given });
const four = ["sse_alone", "websocket_alone", "sse_coded", "websocket_coded"];
const restarted = (each, more = {}) => four.map((id, n) => cut(id, 30, 0, {}, { figures: { tries: 1, twice: 0, ...each[n] }, ...more }));
const gone = { back_ms: null, told: 0, never_came: 60 };
const back = { back_ms: 900, told: 0, never_came: 0 };
const silent = (figures, fates, settings) => both((id, n) => figured(id, figures[n], {}, fates[n]));
const stopped = (wasted, after_stop, had = 30) => both((id, n) => figured(id, { wasted_tokens: wasted[n], after_stop: after_stop[n] }, { hadAtStop: had }));
const seven = (opened, hanging) => ["eventsource", "fetch", "socket"].map((id, n) => figured(id, { opened: opened[n], hanging: hanging[n], let_in_ms: null }));
const joined = (at, lost) => ["sse", "websocket", "sse_late", "websocket_late"].map((id, n) => figured(id, n > 1 ? { joined_at: at } : {}, {}, { lost: n > 1 ? lost[n - 2] : 0, tokens: 60 }));
const asking = (runs, asked = 1, more = {}) => both((id) => figured(id, { asked, accepted: 1, repeated_responses: 0, refused: 0, model_runs: runs }, {}, more));
const three = (reconnects, authorized) => ["eventsource", "fetch", "websocket"].map((id, n) => cut(id, 30, 10, { reconnects: reconnects[n] }, { figures: { authorized: authorized[n] } }));
const run = (panes, settings, ...given) => [panes, settings, given];
const CASES = {
  approve: () => ({
    once: run(asking(1), { mode: "you" }),
    dropped: run(asking(1, 1, { reconnects: 1 }), { mode: "you" }, { dropped: 1 }),
    reloaded: run(asking(1), { mode: "you", takeUp: true }),
    twice: run(asking(2), { mode: "both" }),
    not_asked: run(both((id) => figured(id, { asked: 0, accepted: 0, model_runs: 1 })), { mode: "you" }),
    stopped: run(asking(0), { mode: "you" }, { stopAt: 9 }),
  }),
  clients: () => ({
    "eventsource header": run(three([1, 0, 0], [0, 1, 0]), { code: "none" }),
    "all header": run(three([1, 1, 1], [0, 2, 0]), { code: "resume" }),
    none: run(three([0, 0, 0], [0, 0, 0]), { code: "none" }),
    not_early: run(["eventsource", "fetch", "websocket"].map((id) => cut(id, 0, 9)), { code: "none" }),
    not_late: run(["eventsource", "fetch", "websocket"].map((id) => cut(id, 60, 0)), { code: "none" }),
  }),
  drop: () => ({
    "eventsource_twice websocket_lost": run([cut("sse", 20, 40, { repeated: 20, reconnects: 1 }), cut("websocket", 20, 0, { lost: 40 })], { reader: "eventsource", client: "naive" }),
    "eventsource_whole websocket_lost": run([cut("sse", 20, 40, { reconnects: 1 }), cut("websocket", 20, 0, { lost: 40 })], { reader: "eventsource", client: "naive" }),
    "post_lost websocket_whole": run([cut("sse", 20, 0, { lost: 40 }), cut("websocket", 20, 40, { reconnects: 1 })], { reader: "post", client: "right" }),
    both: run(both((id) => cut(id, 20, 40, { reconnects: 1 })), { reader: "fetch", client: "right" }),
    watched: run(both((id) => cut(id, 20, 40, { reconnects: 1 }, { alarms: 1 })), { reader: "eventsource", client: "right", ending: "silence" }),
    unnoticed: run(both((id) => cut(id, 20, 0, { lost: 40 }, { downs: [] })), { reader: "eventsource", client: "naive", ending: "silence" }),
    again: run(both((id) => cut(id, 20, 40, { repeated: 20 }, { figures: { model_runs: 2 } })), { reader: "eventsource", client: "again" }),
    not_early: run([cut("sse", 0, 60), cut("websocket", 0, 0, { lost: 60 })], { reader: "eventsource", client: "naive" }),
    not_late: run(both((id) => cut(id, 60, 0)), { reader: "eventsource", client: "naive" }),
  }),
  finished: () => {
    const asked = (naive, right) => ["naive", "right", "websocket"].map((id, n) => figured(id, { made: 30, ...[naive, right, { requests: 1, model_runs: 1 }][n] }));
    return {
      "again done": run(asked({ requests: 4 }, { requests: 1, model_runs: 1 }), { remedy: "done" }),
      "again status": run(asked({ requests: 4 }, { requests: 2, model_runs: 1 }), { remedy: "status" }),
      "again right_too": run(asked({ requests: 4 }, { requests: 3, model_runs: 3 }), { remedy: "status" }),
      not_asked: run(asked({ requests: 1 }, { requests: 1, model_runs: 1 }), { remedy: "done" }),
      not_early: run(asked({ requests: 1, made: 0 }, { requests: 1, model_runs: 1 }), { remedy: "done" }),
    };
  },
  large: () => ({
    whole: run(both((id) => figured(id, { largest_bytes: 500200, blob_parts: 1 })), { way: "whole" }),
    split: run(both((id, n) => figured(id, { largest_bytes: 17000, blob_parts: [1, 31][n] })), { way: "split" }),
    not_blob: run(both((id) => figured(id, { largest_bytes: 300 })), { way: "whole" }),
  }),
  origin: () => {
    const other = (readable, model_runs) => both((id, n) => figured(id, { readable: readable[n], model_runs: model_runs[n] }));
    return {
      open: run(other([0, 30], [1, 1]), { server: "unchecked" }),
      closed: run(other([0, 0], [0, 0]), { server: "checked" }),
      ran: run(other([0, 0], [1, 1]), { server: "checked" }),
      both: run(other([30, 30], [1, 1]), { server: "unchecked" }),
      not_reached: run(other([0, 0], [0, 0]), { server: "unchecked" }),
    };
  },
  payload: () => {
    const weighed = (largest, tokens) => {
      Object.assign(SCENARIOS.payload, { largest, told: { form: "9 ×", transport: "1 ×", compression: "3 ×" } });
      return [SCENARIOS.payload.panes.map(({ id }) => figured(id, {}, { tokens })), {}, [], { largest }];
    };
    return { form: () => weighed("form", 60), transport: () => weighed("transport", 60), not_early: () => weighed("form", 0) };
  },
  plain: () => ({
    same: run(both((id) => figured(id, {})), { mode: "one" }),
    approve: run(both((id) => figured(id, {})), { mode: "one", approve: true }),
    "sse_whole websocket_lost": run([cut("sse", 20, 40, { reconnects: 1 }), cut("websocket", 20, 0, { lost: 40 })], { mode: "one" }, { dropped: 1000 }),
    stop: run(both((id) => figured(id, { stop_ms: 40, after_stop: 1 })), { mode: "two" }, { stopAt: 900 }),
    not_late: run(both((id) => figured(id, { stop_ms: null, after_stop: 0 })), { mode: "two" }, { stopAt: 900 }),
    not_early: run(both((id) => figured(id, { stop_ms: 40, after_stop: 0 }, { hadAtStop: 0 })), { mode: "two" }, { stopAt: 900 }),
    not_cut_early: run(both((id) => cut(id, 0, 60, { reconnects: 1 })), { mode: "one" }, { dropped: 1000 }),
    not_empty: run(both((id) => figured(id, {}, {}, { tokens: 0 })), { mode: "one" }),
  }),
  replica: () => {
    const killed = (each, more = {}) => both((id, n) => cut(id, 30, 90, {}, { figures: { pause_ms: 1600, never_came: 0, twice: 0, told: 0, ...each[n] }, ...more }));
    const lost = { pause_ms: null, never_came: 90, told: 1 };
    return {
      whole: run(killed([{}, {}]), { log: "shared" }),
      lost: run(killed([lost, lost]), { log: "apart" }),
      mixed: run(killed([{}, lost]), { log: "shared" }),
      not_early: run(killed([lost, lost], { tokens: 0 }), { log: "shared" }),
      not_late: run(killed([{}, {}], { downs: [] }), { log: "shared" }),
    };
  },
  restart: () => ({
    "alone_none coded_told all_lost": run(restarted([gone, gone, { ...gone, told: 1 }, { ...gone, told: 1 }]), { down: "quick", server: "loud" }),
    "alone_sse coded_twice": run(restarted([{ ...back, twice: 30 }, gone, { ...back, twice: 30 }, { ...back, twice: 30 }]), { down: "quick", server: "anew" }),
    "alone_none coded_twice": run(restarted([gone, gone, { ...back, twice: 30 }, { ...back, twice: 30 }]), { down: "refusing", server: "anew" }),
    not_late: run(restarted([back, back, back, back], { downs: [] }), { down: "quick", server: "loud" }),
    not_early: run(restarted([gone, gone, gone, gone], { tokens: 0 }), { down: "quick", server: "loud" }),
  }),
  silence: () => {
    const heard = (cuts, heartbeats, alarms = [0, 0]) => [0, 1].map((n) => ({ cuts: cuts[n], heartbeats: heartbeats[n], alarms: alarms[n] }));
    const of = (figures, fates, heartbeat, client = "naive") => [both((id, n) => figured(id, figures[n], { alarms: figures[n].alarms }, fates[n])), { heartbeat, client }, [], scaled({ silence: 300 })];
    const [whole, lost] = [{ reconnects: 2 }, { lost: 60, tokens: 0 }];
    return {
      "cut sse_whole websocket_lost": of(heard([2, 1], [0, 0]), [whole, lost], "off"),
      "cut sse_whole websocket_whole": of(heard([2, 2], [0, 0]), [whole, whole], "off", "right"),
      on: of(heard([0, 0], [9, 9]), [{}, {}], "on"),
      unseen: of(heard([0, 0], [0, 9]), [{}, {}], "hidden"),
      alarmed: of(heard([0, 0], [0, 9], [4, 0]), [{}, {}], "hidden", "right"),
      not_cut: of(heard([0, 0], [0, 0]), [{}, {}], "off"),
      not_beating: of(heard([1, 0], [3, 3]), [{}, {}], "on"),
    };
  },
  slow: () => {
    const piles = (each) => ["fetch", "eventsource", "websocket"].map((id, n) => figured(id, { waiting: each[n], behind_ms: 9 }));
    return {
      piled: run(piles([12, 400, 400]), { handling: "slow" }),
      nothing: run(piles([0, 0, 0]), { handling: "fast" }),
      not_piled: run(piles([12, 20, 20]), { handling: "slow" }),
    };
  },
  steer: () => {
    const sent = (bytes, unheard = 0) => both((id, n) => figured(id, { inputs: 40, unheard, sent_bytes: bytes[n], ack_ms: 3, steer_ms: 30 }));
    return {
      often: run(sent([900, 180]), { pace: "often" }),
      rare: run(sent([900, 180]), { pace: "rare" }),
      same: run(sent([200, 180]), { pace: "often" }),
      not_heard: run(sent([900, 180], 3), { pace: "often" }),
    };
  },
  stop: () => {
    const of = (server, way, wasted, came, had = 30, left = 90) => [stopped(wasted, came, had), { server, way }, [], { had, wasted, n: 120, left }];
    return {
      left: of("good", "close", [1, 2], [0, 0]),
      told: of("kept", "explicit", [1, 2], [0, 0]),
      left_on: of("kept", "close", [90, 90], [0, 0]),
      looked_stopped: of("detached", "explicit", [90, 90], [0, 1]),
      told_on: of("blocking", "explicit", [90, 90], [90, 90]),
      websocket_on: of("deaf", "explicit", [1, 90], [1, 90]),
      not_early: of("good", "close", [0, 0], [0, 0], 0),
      not_late: of("kept", "close", [0, 0], [0, 0], 30, 2),
    };
  },
  tabs: () => ({
    hangs: run(seven([6, 6, 7], [1, 1, 0]), {}),
    seven: run(seven([7, 7, 7], [0, 0, 0]), {}),
    not_opened: run(seven([6, 6, 5], [1, 1, 2]), {}),
  }),
  viewer: () => ({
    log: [joined(41, [0, 0]), { server: "log" }, [], { same: true }],
    none: [joined(41, [40, 41]), { server: "none" }, [], { same: false }],
    differs: [joined(41, [0, 0]), { server: "log" }, [], { same: false }],
    missed: [joined(41, [3, 3]), { server: "log" }, [], { same: false }],
    not_late: [joined(60, [0, 0]), { server: "log" }, [], { same: true }],
    not_early: [joined(0, [0, 0]), { server: "log" }, [], { same: true }],
  }),
};
const all = [];
for (const [name, cases] of Object.entries(CASES)) {
  for (const [expected, made] of Object.entries(cases())) {
    const [panes, settings, [more = {}] = [], found = {}] = typeof made === "function" ? made() : made;
    const said = SCENARIOS[name].outcome(staged(panes, settings, { endedAt: 9000, ...more }), found);
    const { how } = evidence(name, staged(panes, settings, more), said, WORDS);
    all.push({ name, expected, so: said.so.join(" "), sent: how.so, values: how.values, spoiled: spoiled(said), told: lesson(name, staged(panes, settings, more), said, WORDS) });
  }
}
return all;
