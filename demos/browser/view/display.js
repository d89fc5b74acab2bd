// What a run looks like as a whole: the panes, the timeline, the wire and the result. Starts nothing, decides nothing.
import { put } from "./elements.js";
import { table } from "./result.js";
import { Timeline } from "./timeline.js";
import { Wire } from "./wire.js";

const PAUSE_MS = 40; // and then the next frame, so 50 on most screens
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");

export class Display {
  // figures: names of those that the table has besides the usual ones.
  constructor(root, panes, figures, words) {
    this.root = root;
    this.panes = panes;
    this.figures = figures;
    this.words = words;
    this.timeline = new Timeline(this.#find("canvas"), this.#find(".legend"), words);
    this.wire = new Wire(this.#find(".wire"), panes, words);
  }

  #find(selector) {
    return this.root.querySelector(selector);
  }

  clear(sentence) {
    for (const pane of this.panes) pane.reset();
    this.timeline.started = this.timeline.ended = null;
    this.wire.clear();
    this.#find(".replayed").hidden = true;
    this.#outline(false);
    this.judge("");
    put(this.#find(".so"), "");
    put(this.#find(".sentence"), this.words[sentence]);
  }

  // How long a run may take, and the clock that it goes by. Room is made for its figures, so that nothing moves when they come.
  expect(expected, now) {
    this.#outline(true);
    this.timeline.expected = expected;
    this.timeline.now = now;
  }

  starts(at) {
    this.timeline.started = this.wire.started = at;
  }

  fails(at) {
    this.ends(at);
    put(this.#find(".sentence"), this.words["lab.result.none"]);
    this.#outline(false);
  }

  ends(at) {
    this.timeline.ended = at;
    this.timeline.draw(this.panes);
    this.wire.draw(true);
  }

  // A replay of a run that was taken at another time.
  replays(told) {
    put(this.#find(".replayed b"), told);
    this.#find(".replayed").hidden = false;
    this.starts(0);
  }

  conclude(told, lesson) {
    table(this.#find("table"), this.panes, this.figures, this.words, true);
    this.#find(".measured").classList.remove("unmeasured");
    put(this.#find(".sentence"), told);
    put(this.#find(".so"), lesson);
  }

  judge(told) {
    put(this.#find(".judged"), told);
  }

  // Drawn twenty times a second while a run is on, and not for each frame: a processor's time belongs to what is measured.
  // Twice a second for people who asked for less motion.
  follow(isOn) {
    const draw = () => {
      this.timeline.draw(this.panes);
      this.wire.draw();
      if (!isOn()) return;
      setTimeout(() => requestAnimationFrame(draw), STILL.matches ? 500 : PAUSE_MS);
    };
    draw();
  }

  // Tokens that may still come are not lost yet; once a run is over they are.
  nameLosses(running) {
    for (const pane of this.panes) pane.waits(running);
  }

  // The room of a table without figures; nothing of it is seen.
  #outline(begun) {
    const room = this.#find(".measured");
    table(this.#find("table"), this.panes, this.figures, this.words, false);
    room.hidden = !begun;
    room.classList.add("unmeasured");
    room.style.minHeight = "";
    if (begun) room.style.minHeight = `${room.getBoundingClientRect().height}px`;
  }

  stop() {
    this.timeline.resize.disconnect();
  }
}
