// A room as one page knows it: reads its state from the control stream, asks for it where no stream comes through, and says
// whose fault it is when nothing comes. The newest state is all there is to know, so that coming back needs nothing else.
import { Refused } from "../transports/api.js";
import { events } from "../transports/event_stream.js";
import { wait } from "../transports/protocol.js";
import { blamed, refusalOf } from "./refusals.js";

const SILENCE_MS = 12000; // the server says something every 5 s
const ANSWER_MS = 6000; // until an answer is there
const STATE_MS = 3000; // a stream that brings no state by then is held back on its way, or there is no way
const POLL_MS = 2000;
const AGAIN_MS = 60000; // while the page asks: when it tries the stream again
const TICK_MS = 1000;
const JUMP_MS = 3000; // between two ticks: the machine was asleep

/**
 * Whose fault it is that nothing comes, and since when (ms of Date.now).
 * offline: this device has no network, or nothing answers. server: its machine refuses. presenter: the server says so.
 * @typedef {{ kind: "connected" | "connecting" | "polling" | "offline" | "server" | "presenter", since: number }} Link
 * @typedef {{ api: string, code: string, key: string, words: Record<string, string>, onState?: (state: any) => void,
 *   onLink?: (link: Link) => void, onEnd?: (why: "gone" | "removed" | "refused", message: string) => void }} About
 */

export class Control {
  // onEnd: there is nothing to come back to. gone: no such room; removed: by the presenter; refused: the key is not known.
  /** @param {About} about */
  constructor({ api, code, key, words, onState = () => {}, onLink = () => {}, onEnd = () => {} }) {
    this.room = `${api}/rooms/${code}`;
    this.key = key;
    this.words = words;
    this.onState = onState;
    this.onLink = onLink;
    this.onEnd = onEnd;
    /** @type {any} */
    this.state = null;
    this.text = ""; // of the newest state
    /** @type {Link | null} */
    this.link = null;
    this.tries = 0;
    this.heardAt = 0;
    this.saying = Promise.resolve();
    this.on = this.live = false; // live: a state came over the stream that is open now
    this.lost = false; // whether the last question had no answer
    /** @type {AbortController | null} */
    this.reading = null;
    /** @type {AbortController | null} */
    this.life = null;
    this.poll = this.again = this.tick = 0;
  }

  start() {
    if (this.on) return;
    this.on = true;
    this.life = new AbortController();
    const { signal } = this.life;
    document.addEventListener("visibilitychange", () => !document.hidden && this.reconnect(), { signal });
    addEventListener("pageshow", ({ persisted }) => persisted && this.reconnect(), { signal });
    addEventListener("online", () => this.reconnect(), { signal });
    addEventListener("offline", () => this.#failed({}), { signal });
    let last = Date.now();
    this.tick = setInterval(() => {
      const [before, now] = [last, Date.now()];
      last = now;
      // A hidden page's timers are slowed down; it comes back when it is seen.
      if (now - before > TICK_MS + JUMP_MS && !document.hidden) this.reconnect();
      else if (this.live && now - this.heardAt > SILENCE_MS) this.reconnect();
    }, TICK_MS);
    this.#tell("connecting");
    this.#open();
  }

  stop() {
    this.on = false;
    this.life?.abort();
    clearInterval(this.tick);
    this.#quiet();
  }

  // At once, whatever it waits for.
  reconnect() {
    if (!this.on) return;
    this.#quiet();
    this.tries = 0;
    if (this.link?.kind !== "offline" || navigator.onLine) this.#tell("connecting");
    this.#open();
  }

  // One after the other: of two that overtake each other the older would count.
  /** @param {object} body */
  say(body) {
    const said = this.saying.then(() => this.ask("/say", { body }));
    this.saying = said.catch(() => {});
    return said;
  }

  /** @param {object} body */
  do(body) {
    return this.ask("/do", { body });
  }

  // An answer of this room, as JSON.
  /**
   * @param {string} path below the room, such as /questions
   * @param {{ body?: object, signal?: AbortSignal }} [options]
   */
  async ask(path, { body, signal = AbortSignal.timeout(ANSWER_MS) } = {}) {
    const answer = await fetch(`${this.room}${path}`, this.#request(signal, body)).catch((error) => {
      throw Object.assign(new Refused("unreachable", this.words["room.phone.link.server"], 0), { cause: error });
    });
    if (answer.ok) return answer.json();
    const refused = await refusalOf(answer);
    this.#ends(refused);
    throw refused;
  }

  /** @returns {RequestInit} */
  #request(signal, body = undefined) {
    const headers = { Authorization: `Bearer ${this.key}` };
    if (body === undefined) return { headers, signal, cache: "no-store" };
    return { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body), signal };
  }

  // --- the stream ---

  #open() {
    const reading = (this.reading = new AbortController());
    this.#read(reading).then(
      () => this.#failed({}, reading),
      (error) => this.#failed(error, reading),
    );
  }

  /** @param {AbortController} reading */
  async #read(reading) {
    const held = setTimeout(() => this.#heldBack(reading), STATE_MS);
    try {
      const answer = await fetch(`${this.room}/events`, this.#request(reading.signal));
      if (!answer.ok) throw await refusalOf(answer);
      for await (const { event, data } of events(answer.body, () => (this.heardAt = Date.now()))) {
        if (reading !== this.reading) return;
        if (event !== "state") continue;
        clearTimeout(held);
        this.#arrived();
        this.#take(JSON.parse(data), data);
      }
    } finally {
      clearTimeout(held);
    }
  }

  #arrived() {
    this.tries = 0;
    if (this.live) return;
    this.live = true;
    this.#stopPolling();
  }

  // Something on the way keeps what the stream says, or nothing comes at all. Asking instead tells which.
  #heldBack(reading) {
    if (reading !== this.reading) return;
    this.reading = null;
    reading.abort();
    this.#retry(AGAIN_MS);
    if (!this.poll) this.#poll();
  }

  /**
   * @param {any} error nothing in it: the stream came to its end
   * @param {AbortController | null} reading
   */
  #failed(error, reading = this.reading) {
    if (!this.on || reading !== this.reading || this.#ends(error, true)) return;
    if (this.poll) return this.#retry(AGAIN_MS); // the page still asks
    const been = this.live && navigator.onLine;
    this.#quiet();
    this.#tell(been ? "connecting" : blamed(error));
    this.#retry(wait(this.tries++));
  }

  #retry(ms) {
    clearTimeout(this.again);
    this.again = setTimeout(() => this.#open(), ms);
  }

  #quiet() {
    const reading = this.reading;
    this.reading = null;
    this.live = false;
    reading?.abort();
    this.#stopPolling();
  }

  // Whether there is nothing to come back to. reads: it was the state that was refused, and not what the page said.
  #ends({ code = "", status = 0, message = "" } = {}, reads = false) {
    const known = { no_such_room: "gone", removed: "removed" }[code];
    const why = known ?? (reads && (status === 401 || status === 403) ? "refused" : null);
    if (!this.on || !why) return false;
    this.stop();
    this.onEnd(why, message);
    return true;
  }

  // --- asking, every now and then ---

  async #poll() {
    const mine = (this.poll = setTimeout(() => {}, 0));
    try {
      const state = await this.ask("/state");
      if (mine !== this.poll) return;
      this.#take(state, JSON.stringify(state), "polling");
      if (this.lost) this.#retry(0);
      this.lost = false;
    } catch (error) {
      if (mine !== this.poll || this.#ends(error, true)) return;
      this.#tell(blamed(error));
      this.lost = true;
    }
    this.poll = setTimeout(() => this.#poll(), POLL_MS);
  }

  #stopPolling() {
    clearTimeout(this.poll);
    clearTimeout(this.again);
    this.poll = this.again = 0;
  }

  // --- what is told ---

  /** @param {any} state @param {string} text @param {"connected" | "polling"} way */
  #take(state, text, way = "connected") {
    this.#tell(state.presenter === "away" ? "presenter" : way);
    // Another process has versions of its own, but no room of this code.
    if (text === this.text || state.version < this.state?.version) return;
    this.text = text;
    this.state = state;
    try {
      this.onState(state);
    } catch (error) {
      reportError(error); // a mistake of the page's is no fault of the stream
    }
  }

  /** @param {Link["kind"]} kind */
  #tell(kind) {
    if (kind === this.link?.kind) return;
    this.link = { kind, since: Date.now() };
    this.onLink(this.link);
  }
}
