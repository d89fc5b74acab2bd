// For tests of the lab's scripts: panes without elements, and a run around them that does nothing.
const bare = (id, more = {}) => ({
  ...{ id, transport: id, client: id, figures: {}, measured: null, downs: [], marks: [], heard: [], at: [], seq: [], token: [], failed: null },
  ...{ tell() {}, state() {}, receipt: () => ({}), figure(name, value) { this.figures[name] = value; } },
  ...more,
});
const MEASURED = { first_token_ms: 400, tokens: 60, lost: 0, repeated: 0, reconnects: 0, gap_max_ms: 40 };
const counted = (id, measured, more = {}) => bare(id, { measured: { ...MEASURED, ...measured }, ...more });
const both = (one) => ["sse", "websocket"].map(one);
const staged = (panes, settings = {}, more = {}) => ({
  ...{ panes, settings: { rate: 30, seed: 7, ...settings }, started: 0, stopAt: null, dropped: 0, responses: [], words: WORDS },
  ...more,
});

// A real run, and what it reports.
const real = (panes) => {
  const heard = [];
  const changed = (...what) => heard.push(what.join(" "));
  const run = new Run({ api: "http://127.0.0.1:9/api", name: "plain", words: WORDS, settings: {}, panes, resumes: () => false, changed });
  return { run, heard };
};

// What a run came to, in the words that people read.
const told = (name, run, ...given) => {
  const said = SCENARIOS[name].outcome(run, ...given);
  const { so, ...how } = evidence(name, run, said, WORDS).how;
  return { came: said.came, key: said.sentence, how, sentence: sentence(name, run, said, WORDS) };
};
