// For tests of a room's modules: a server that answers what it is told to, and a stream of which the test holds the hooks.
const state = (version, more = {}) => ({ version, presenter: "here", ...more });
const said = (one) => `event: state\nid: ${one.version}\ndata: ${JSON.stringify(one)}\n\n`;
const utf8 = new TextEncoder();
// A stream that says these things, and then ends or stays open.
const stream = (texts, ends = false) =>
  new Response(new ReadableStream({ start: (to) => (texts.forEach((one) => to.enqueue(utf8.encode(one))), ends && to.close()) }));
const json = (body, status = 200) => new Response(JSON.stringify(body), { status });
const refused = () => Promise.reject(new TypeError("refused"));
const asked = [];
// answers: path -> what is answered, one after the other; the last one again and again.
const server = (answers) => {
  window.fetch = async (url, { headers, signal }) => {
    const path = String(url).split("/").at(-1);
    asked.push([path, headers.Authorization]);
    const next = answers[path].length > 1 ? answers[path].shift() : answers[path][0];
    const answer = await next();
    signal?.addEventListener("abort", () => answer.body?.cancel?.().catch(() => {}));
    return answer;
  };
};
const states = [], links = [], ends = [];
const finished = Promise.withResolvers();
setTimeout(() => finished.reject(new Error(JSON.stringify({ states, links, ends, asked }))), 100_000); // else it would wait for ever
const listen = (done) => {
  const heard = () => done({ states, links, ends }) && finished.resolve();
  const control = new Control({
    api: "/api", code: "ABCDEF", key: "k", words: WORDS,
    onState: (one) => (states.push(one.version), heard()),
    onLink: (link) => (links.push(link.kind), heard()),
    onEnd: (why) => (ends.push(why), heard()),
  });
  control.start();
  return finished.promise.then(() => (control.stop(), { states, links, ends, asked }));
};

const made = (transport, more = {}) => {
  let hooks;
  const did = [];
  const stream = { open: () => did.push("open"), close: () => did.push("close"), revive: () => did.push("revive") };
  const changed = [];
  const lane = new Lane(transport, { make: (given) => ((hooks = given), stream), resume: true, changed: (what) => changed.push(what), ...more });
  return { lane, did, changed, hooks };
};
const life = (seq, event) => ({ method: "lifecycle", seq, params: { namespace: [], data: { event } } });
const token = (seq, text) => ({ method: "messages", seq, params: { namespace: [], node: "answer", data: { event: "content-block-delta", delta: { type: "text-delta", text } } } });
const pause = () => new Promise((over) => setTimeout(over, 5));
