// A round as one page plays it: both streams of the same run side by side, who is ready and when, and one receipt at the end.
// Uses the lab's streams unchanged; draws nothing, counts nothing.
import { EventSourceStream, SocketStream } from "../transports/streams.js";
import { Lane } from "./phone/lane.js";

const SLOW_MS = 150;
const LATE_MS = 2000; // after the run's end: what has not come by then is not waited for
const HIDDEN_MS = 2000; // a page that was hidden for longer may have lost its connections without a word
const SPARE_S = 1.5; // before the room stops to wait

export class Player {
  // url: where both streams are read, absolute, with the key in it. round: its number. ready, done: called once each; done
  // with what the page tells of its round.
  /**
   * @param {{ url: string, round: number, resume: boolean, slow?: boolean, again?: boolean, ready?: () => void, done?: (told: object) => void,
   *   changed?: (lane: Lane, what: string) => void }} about
   */
  constructor({ url, round, resume, slow = false, again = false, ready = () => {}, done = () => {}, changed = () => {} }) {
    this.round = round;
    this.told = { ready: false, done: false };
    this.tell = { ready, done };
    this.away = document.hidden || again;
    this.timer = 0;
    const about = { resume, pause: slow ? SLOW_MS : 0 };
    const make = (hooks) => new EventSourceStream(url, hooks, { ids: resume, supervised: () => resume });
    const socket = (hooks) => new SocketStream(url, hooks, { resume: () => resume });
    /** @type {[Lane, Lane]} */
    this.lanes = [
      new Lane("sse", { ...about, make, changed: (what) => this.#changed(this.lanes[0], what, changed) }),
      new Lane("websocket", { ...about, make: socket, changed: (what) => this.#changed(this.lanes[1], what, changed) }),
    ];
    this.life = new AbortController();
    let hidden = document.hidden ? performance.now() : 0;
    const seen = () => {
      if (document.hidden) [this.away, hidden] = [true, performance.now()];
      else if (performance.now() - hidden > HIDDEN_MS) for (const lane of this.lanes) lane.revive();
    };
    document.addEventListener("visibilitychange", seen, { signal: this.life.signal });
  }

  open() {
    for (const lane of this.lanes) lane.open();
  }

  // The run is over: what is on its way may still come. left: seconds that the room waits. A page that opens only now has most of them.
  /** @param {number} left */
  collect(left) {
    if (this.timer) return;
    const fresh = this.lanes.every(({ at }) => !at.length);
    this.timer = setTimeout(() => this.#done(), fresh ? Math.max(LATE_MS, (left - SPARE_S) * 1000) : LATE_MS);
  }

  // The person has said something to the run. shown: what the agent repeats when it has heard it; without it, any next event tells.
  /** @param {string} [shown] */
  acts(shown = "") {
    for (const lane of this.lanes) lane.expects(shown);
  }

  close() {
    this.life.abort();
    clearTimeout(this.timer);
    for (const lane of this.lanes) lane.close();
  }

  #changed(lane, what, changed) {
    changed(lane, what);
    if (what !== "state") return;
    if (!this.told.ready && this.lanes.every(({ ready }) => ready)) {
      this.told.ready = true;
      this.tell.ready();
    }
    if (this.lanes.every(({ over }) => over)) this.#done();
  }

  #done() {
    if (this.told.done) return;
    this.told.done = true;
    const heard = this.lanes.map(({ heardMs }) => heardMs).filter((ms) => ms !== null);
    const told = { what: "receipt", round: this.round, away: this.away, receipts: this.lanes.map(({ receipt }) => receipt) };
    this.tell.done(heard.length ? { ...told, heard_ms: Math.min(...heard) } : told);
    this.close();
  }
}
