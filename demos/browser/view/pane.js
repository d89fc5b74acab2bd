// One pane: what a stream brought, as text, as a state in words, and as the receipt that the server counts. Opens nothing.
import { size } from "../transports/protocol.js";
import { fill, seconds } from "../words.js";
import { part, put } from "./elements.js";
import { figure, measuredBy } from "./figures.js";

export const MOST_WIRED = 3000; // lines or frames kept for the wire view

export class Pane {
  // about: { transport, client, id, places, bad }, as the scenario says it: which figures it shows, which of them are bad news.
  constructor(root, about, words) {
    this.root = root;
    this.id = about.id;
    this.transport = about.transport;
    this.client = this.usual = about.client;
    this.places = about.places;
    this.bad = about.bad;
    this.words = words;
    this.queue = [];
    this.painted = true;
    this.text = root.querySelector(".text");
    this.say = root.querySelector(".state");
    this.ask = root.querySelector(".ask");
    this.notice = root.querySelector(".notice");
    this.reset();
  }

  // Empties the pane for a new run.
  reset() {
    this.kind = "idle";
    this.detail = {};
    this.since = this.heardAt = 0;
    this.client = this.usual;
    this.now = () => performance.now(); // a replay brings a clock of its own
    this.at = [];
    this.seq = [];
    this.token = [];
    this.heard = [];
    this.marks = [];
    this.downs = [];
    this.wire = [];
    this.passed = { count: 0, payload: 0, framing: 0 };
    this.figures = {};
    this.runs = this.tokens = this.tries = this.beats = this.alarms = this.reconnects = 0;
    this.finished = this.runOver = this.running = false;
    this.stream = this.thread = this.api = this.child = this.run = null;
    this.began = this.endedAt = this.failed = this.question = this.section = this.hadAtStop = null;
    this.queue.length = 0;
    this.text.replaceChildren();
    this.notice.hidden = true;
    this.asked(null);
    this.count(null);
    this.state("idle");
  }

  // --- connection ---

  state(kind, detail = {}) {
    const now = this.now();
    const wasDown = this.kind === "reconnecting" || this.kind === "closed";
    const inOrder = detail.code === 1000; // all was said before it closed
    const isDown = kind === "reconnecting" || (kind === "closed" && !inOrder);
    if (isDown && !wasDown) {
      this.downs.push({ from: now, to: null });
      this.since = now;
    } else if (!isDown && wasDown && this.downs.length) {
      this.downs.at(-1).to = now;
    }
    if (kind !== this.kind && !(isDown && wasDown)) this.since = now;
    this.heard.push([now, kind, detail]);
    this.kind = kind;
    this.detail = detail;
    this.heardAt = now;
    this.tell();
    if (kind === "refused" && !detail.said) this.warn(fill(this.words["lab.refused"], { reason: detail.reason || `code ${detail.code}` }));
  }

  back() {
    this.reconnects += 1;
    this.marked("back");
  }

  // A mark on the timeline; its word is lab.mark.KIND.
  marked(kind, t = this.now()) {
    this.marks.push({ t, kind });
  }

  // What passed, for the wire view: way in or out, the text, and how many bytes stood around what it carries. The text of an
  // event stream holds its own framing, all but the two line ends behind it; that of a frame holds none.
  wired(way, text, around) {
    this.passed.count += 1;
    this.passed.framing += around;
    this.passed.payload += size(text) - (this.transport === "sse" ? around - 2 : 0);
    if (this.wire.length < MOST_WIRED) this.wire.push({ t: this.now(), way, text, around });
  }

  // A figure of this scenario, shown at once; the last part of its name is the unit.
  figure(name, value) {
    this.figures[name] = value;
    this.#show();
  }

  // The state in words, with the time that it has lasted; called by a timer, since a waiting connection raises no event.
  tell() {
    const now = this.now();
    const quiet = this.kind === "open" && now - this.heardAt > 3000 && !this.question;
    const dead = this.kind === "closed" && this.detail.code === undefined; // EventSource says no more than that
    const key = quiet ? "quiet" : dead ? "dead" : this.kind;
    const words = fill(this.words[`lab.state.${key}`], { s: seconds(now - (quiet ? this.heardAt : this.since)), code: this.detail.code ?? "–" });
    put(this.say.querySelector("b"), words);
    const inOrder = this.kind === "closed" && this.detail.code === 1000;
    this.say.dataset.kind = quiet ? "quiet" : inOrder ? "ended" : this.kind;
  }

  warn(sentence) {
    const end = this.atEnd;
    this.notice.hidden = false;
    put(this.notice, sentence);
    if (end) this.toEnd();
  }

  // --- events ---

  hear(envelope) {
    const { method, seq, params } = envelope;
    const data = params.data;
    const delta = method === "messages" && data.event === "content-block-delta" && data.delta.type === "text-delta";
    const token = delta && params.node === "answer";
    this.heardAt = this.now();
    this.heard.push([this.heardAt, "event", envelope]);
    if (token) this.tokens += 1;
    this.at.push(Math.round(this.heardAt * 10) / 10);
    this.seq.push(seq);
    this.token.push(token);
    if (method === "messages" && data.event === "message-start") this.queue.push([null]); // a message of its own
    if (delta) this.write(params.node, data.delta.text);
    if (method === "tools" && data.event === "tool-finished") this.write("tool", this.words["lab.looked_up"]);
    if (method === "input.requested") this.asked({ id: data.interrupt_id, ...data.payload });
    if (method === "lifecycle" && !params.namespace.length) this.life(data);
  }

  life({ event, error }) {
    if (event === "running") this.asked(null);
    if (event !== "completed" && event !== "failed") return;
    this.finished = true;
    this.endedAt = this.now();
    this.failed = event === "failed" ? error : null;
    this.asked(null);
    const cancelled = this.failed === "cancelled";
    this.marked(cancelled ? "stopped" : this.failed ? "failed" : "end", this.endedAt);
    if (this.failed && !cancelled) this.warn(fill(this.words["lab.failed"], { error: this.failed }));
  }

  asked(question) {
    this.question = question;
    const end = this.atEnd;
    this.ask.hidden = !question;
    if (end) this.toEnd();
    if (!question) return;
    put(this.ask.querySelector("p"), question.question);
    for (const button of this.ask.querySelectorAll("button")) button.disabled = false;
    this.marked("ask");
  }

  // --- text: appended, never rewritten; once per frame, and at once while the page is hidden and has no frames ---

  write(section, text) {
    this.queue.push([section, text]);
    if (!this.painted) return;
    this.painted = false;
    document.hidden ? setTimeout(() => this.paint()) : requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.painted = true;
    const end = this.atEnd;
    for (const [section, text] of this.queue.splice(0)) {
      if (section === null) {
        this.section = null;
        continue;
      }
      if (section !== this.section) {
        this.section = section;
        this.text.append(part("p", "", section));
      }
      this.text.lastChild.append(document.createTextNode(text));
    }
    if (end) this.toEnd();
  }

  // The newest words stay in sight, unless somebody has scrolled up to read.
  get atEnd() {
    return this.text.scrollHeight - this.text.scrollTop - this.text.clientHeight < 40;
  }

  toEnd() {
    this.text.scrollTop = this.text.scrollHeight;
  }

  // --- counting ---

  receipt(started) {
    const { transport, client, at, seq, token, reconnects, finished, run, thread, child, figures } = this;
    const known = run ? { run_id: run, thread_id: thread, child } : { counted: false };
    return { transport, client, at, seq, token, started: this.began ?? started ?? 0, reconnects, finished, figures, ...known };
  }

  // Whether a run is on: a token that the server has made and this page has not may then be on its way, or come after a reconnect.
  waits(running) {
    this.running = running;
    this.#show();
  }

  get late() {
    return this.running && !this.finished && ["open", "connecting", "reconnecting"].includes(this.kind);
  }

  // Shows what the server counted; null: nothing yet.
  count(measured) {
    this.measured = measured;
    this.#show();
  }

  #show() {
    for (const key of this.places) {
      const place = this.root.querySelector(`[data-count="${key}"]`);
      const value = measuredBy(this, key);
      put(place, figure(key, value));
      const late = key === "lost" && this.late && value > 0;
      place.dataset.late = late ? this.words["lab.count.not_yet"] : "";
      place.classList.toggle("bad", this.bad.includes(key) && !late && value > 0);
    }
  }
}
