// One run of a scenario, and everything that a script of a scenario may ask of it. Knows no button and no scenario; a script
// (scenarios/NAME.js) is told what it may do here, and awaits what it waits for.
import { Refused, request } from "../transports/api.js";
import { SILENCE_MS } from "../transports/protocol.js";
import { fill } from "../words.js";
import { Children } from "./children.js";
import { Commands } from "./commands.js";
import { connect } from "./connection.js";
import { Counting } from "./counting.js";
import { Waiting } from "./waiting.js";
import { Watch } from "./watch.js";

export class Run {
  constructor({ api, name, words, settings, panes, resumes, changed, silence = SILENCE_MS }) {
    this.api = api;
    this.name = name;
    this.words = words;
    this.settings = settings;
    this.panes = panes;
    this.resumes = resumes; // whether the person wants a socket to reconnect
    this.changed = changed; // called with what has changed
    this.silence = silence; // ms after which a watched stream is taken for dead
    this.started = this.endedAt = this.failure = this.stopAt = null;
    this.dropped = 0;
    this.over = this.torn = false;
    this.responses = [];
    this.holds = [];
    this.keys = new Map(); // thread -> what its maker was given: whoever commands it must show it
    this.waiting = new Waiting(() => this.failure ?? (this.over ? new Refused("over", "", 0) : null));
    this.children = new Children(this);
    this.commands = new Commands(this);
    this.counting = new Counting(this);
    this.watch = new Watch(this);
  }

  // Runs a script to its end. Resolves with the outcome as the script tells it; null when it could not go on, or cannot tell.
  async play(script) {
    let ended = false;
    try {
      const found = (await script.play(this)) ?? {};
      if (this.over) return null;
      this.endedAt = performance.now();
      this.over = ended = true;
      this.close();
      await this.counting.busy;
      if (this.counting.counted.length) await this.counting.count();
      const failed = this.panes.find((pane) => pane.failed && !pane.failed.startsWith("cancelled")); // a stop is no failure
      const trouble = this.counting.trouble ?? (failed && fill(this.words["lab.failed"], { error: failed.failed }));
      if (!trouble) return script.outcome(this, found);
      this.changed("failed", trouble);
    } catch (error) {
      ended ? this.changed("failed", error.message) : this.fail(error);
    }
    return null;
  }

  get threads() {
    return [...new Set(this.panes.map((pane) => pane.thread).filter(Boolean))];
  }

  // --- servers and threads ---

  // What is asked of a thread carries its key.
  request(path, body, api = this.api) {
    return request(`${api}${path}`, body, this.words, { key: this.keys.get(path.split("/")[2]) });
  }

  async thread(api = this.api) {
    const { thread_id, key } = await this.request("/threads", {}, api);
    this.keys.set(thread_id, key);
    return thread_id;
  }

  child(choice) {
    return this.children.make(choice);
  }

  warm(child) {
    return this.children.warm(child);
  }

  // --- streams ---

  // Puts a stream into a pane; resolves once it is open. Options: kind, thread, child, api, path, handle, and the stream's own.
  open(pane, options) {
    this.#here();
    return connect(this, pane, options);
  }

  // What the streams of a thread meet from now on: faults at the endpoint (demos/faults), in milliseconds.
  faults(thread, faults, every = false) {
    return this.request(`/threads/${thread}/faults`, { faults, every });
  }

  drop(how = "reset") {
    return this.commands.drop(how);
  }

  // Resume code was switched on after the socket had closed: it may still catch up, since the server kept the log.
  revive() {
    for (const pane of this.panes) if (!this.over && pane.kind === "closed") pane.stream.revive();
  }

  // --- the agent ---

  async start(panes = this.panes, more = {}) {
    this.#here();
    this.begin();
    await this.commands.start(panes, more);
  }

  // Goes on with a run that is under way, instead of starting one.
  takeUp(id, panes = this.panes) {
    for (const pane of panes) pane.run = id;
    this.begin();
  }

  // The clock starts: everything is timed from here.
  begin() {
    this.started ??= performance.now();
    this.changed("running");
  }

  command(pane, method, params, inBand = false) {
    return this.commands.command(pane, method, params, inBand);
  }

  respond(pane, response, interrupt_id = pane.question.id) {
    return this.commands.respond(pane, response, interrupt_id);
  }

  stop() {
    return this.commands.stop();
  }

  // --- waiting ---

  until(test, limit) {
    return this.waiting.until(test, limit);
  }

  wait(ms) {
    return this.until(() => false, ms);
  }

  // So many tokens in each of these panes, or as many as they will ever get.
  tokens(count, panes = this.panes) {
    return this.until(() => panes.every((pane) => pane.tokens >= count || this.done(pane)));
  }

  settled(panes = this.panes) {
    return this.until(() => panes.every((pane) => this.done(pane)));
  }

  done(pane) {
    return this.watch.done(pane);
  }

  wake() {
    this.waiting.wake();
  }

  // --- the end ---

  // Something to be closed when the run is over or the page is left: a connection of the script's own, a timer.
  hold(close) {
    this.over ? close() : this.holds.push(close);
  }

  #here() {
    if (this.over) throw new Refused("over", "", 0);
  }

  fail(error) {
    if (this.over) return;
    this.failure = error;
    this.over = true;
    this.endedAt = performance.now();
    this.close();
    this.wake();
    for (const pane of this.panes) if (!pane.finished && pane.kind !== "refused") pane.state("left");
    this.changed("failed", error.message);
  }

  close() {
    this.watch.end();
    for (const pane of this.panes) pane.stream?.close();
    for (const close of this.holds.splice(0)) close();
  }

  release() {
    this.children.release();
  }

  // The lab is gone, and its script with it: whatever that still waits for, it opens nothing more.
  leave() {
    this.over = true;
    this.close();
    this.release();
    this.wake();
  }

  // The page is left, perhaps for the browser's cache. What is closed here and cannot be opened again ends the run, should it return.
  suspend() {
    this.torn = this.started === null || this.holds.length > 0 || this.children.ends.length > 0;
    this.close();
    this.release();
  }

  // The page came back out of the browser's cache: its streams were closed when it left.
  reopen() {
    if (this.over) return;
    if (this.torn) return this.fail(new Refused("left", this.words["lab.error.left"], 0));
    this.watch.begin();
    for (const pane of this.panes) if (!pane.finished) pane.stream?.revive();
  }
}
