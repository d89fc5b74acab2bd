// Steering: short inputs while tokens stream, the same in both panes at the same moment. By POST each is a request beside the
// event stream; in band each is a frame on the socket that carries the tokens. A run in each pane, with the same seed.
import { Refused } from "../transports/api.js";
import { figure } from "../view/figures.js";
import { seconds } from "../words.js";

export const steer = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { pace: ["often", "rare"] },
  paces: { often: { inputs: 40, every: 50 }, rare: { inputs: 4, every: 600 } }, // how many, and ms between two
  writes_s: 4, // seconds of tokens, without those that show an input
  fields: ["rate"],

  lasts({ pace, rate }) {
    return 1000 + (this.writes_s + this.paces[pace].inputs / rate) * 1000;
  },

  async play(run) {
    const { model } = await run.request("/health");
    if (model !== "scripted") throw new Refused("not_supported", run.words["scenario.steer.deaf"], 0);
    const [sse, socket] = run.panes;
    const [first, second] = await Promise.all([run.thread(), run.thread()]);
    await Promise.all([run.open(sse, { kind: "eventsource", thread: first }), run.open(socket, { kind: "socket", thread: second })]);
    await run.start(run.panes, { n_tokens: Math.round(run.settings.rate * this.writes_s) });
    await run.tokens(3);
    const said = await this.speak(run);
    await run.settled();
    for (const pane of run.panes) this.figures(pane, said.filter((one) => one.pane === pane));
  },

  // At fixed moments, and without waiting for replies: whoever types does not wait either.
  async speak(run) {
    const { inputs, every } = this.paces[run.settings.pace];
    const began = performance.now();
    const said = [];
    for (let n = 0; n < inputs; n++) {
      await run.wait(began + n * every - performance.now());
      const order = n % 2 ? [...run.panes].reverse() : run.panes; // nobody is always first
      for (const pane of order) {
        said.push(this.say(run, pane, n));
        if (run.settings.pace === "rare") pane.marked("input");
      }
    }
    return Promise.all(said);
  },

  async say(run, pane, n) {
    const params = { namespace: [], message: { role: "user", content: `topic ${n}` } };
    const sent = performance.now();
    try {
      const { meta } = await run.command(pane, "input.inject", params, pane.transport === "websocket");
      return { pane, n, sent, took: performance.now() - sent, bytes: meta.request_bytes };
    } catch (error) {
      run.fail(error); // whoever waits for this run hears of it
      return null;
    }
  },

  figures(pane, said) {
    const events = pane.heard.filter(([, kind]) => kind === "event");
    const shown = ({ n }) => events.find(([, , { params }]) => params.data.delta?.text?.includes(`topic ${n};`))?.[0];
    const frames = pane.wire.filter(({ way, text }) => way === "out" && text.includes('"input.inject"'));
    // A request's head is not to be seen in a page: the server says how large it was. A frame is what the page itself wrote.
    const bytes = pane.transport === "sse" ? said.map((one) => one.bytes) : frames.map(({ text, around }) => new TextEncoder().encode(text).length + around);
    const heard = said.filter(shown);
    pane.figure("inputs", said.length);
    pane.figure("unheard", said.length - heard.length);
    pane.figure("sent_bytes", bytes.reduce((sum, size) => sum + size, 0) / bytes.length);
    pane.figure("requests", pane.transport === "sse" ? said.length : 0);
    pane.figure("ack_ms", this.middle(said.map((one) => one.took)));
    pane.figure("steer_ms", this.middle(heard.map((one) => shown(one) - one.sent)));
  },

  // p50 by nearest rank, as the server computes it; null without values.
  middle(values) {
    return values.length ? values.sort((a, b) => a - b)[Math.ceil(values.length / 2) - 1] : null;
  },

  outcome(run) {
    const [sse, socket] = run.panes.map((pane) => pane.figures);
    const times = sse.sent_bytes / socket.sent_bytes;
    const { inputs, every } = this.paces[run.settings.pace];
    const values = { times: times.toFixed(1), per_s: 1000 / every, over_s: seconds(inputs * every) };
    for (const { id, figures } of run.panes) {
      values[`${id}_all_bytes`] = figure("all_bytes", figures.sent_bytes * figures.inputs);
      values[`${id}_s_bytes`] = figure("s_bytes", (figures.sent_bytes * 1000) / every);
    }
    return { came: times < 2 ? "same" : times < 5 ? "few" : "many", sentence: run.settings.pace, how: [run.settings.pace], values, so: so(run, times) };
  },
};

const so = ({ panes, settings: { pace } }, times) => {
  if (panes.some(({ figures }) => figures.unheard || !figures.inputs)) return ["not_heard"];
  return [times < 2 ? "same" : pace];
};
