// What a run looks like as a whole: the panes, the timeline, the wire and the result. Starts nothing, decides nothing.
import { put } from "./elements.js";
import { table } from "./result.js";
import { Timeline } from "./timeline.js";
import { Wire } from "./wire.js";

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
    this.#table(false);
    this.judge("");
    put(this.#find(".sentence"), this.words[sentence]);
  }

  // How long a run may take, and the clock that it goes by.
  expect(expected, now) {
    this.timeline.expected = expected;
    this.timeline.now = now;
  }

  starts(at) {
    this.timeline.started = this.wire.started = at;
  }

  fails(at) {
    this.timeline.ended = at;
    put(this.#find(".sentence"), this.words["lab.result.none"]);
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

  conclude(told) {
    this.#table(true);
    put(this.#find(".sentence"), told);
  }

  judge(told) {
    put(this.#find(".judged"), told);
  }

  // Drawn per frame while a run is on; twice a second for people who asked for less motion.
  follow(isOn) {
    const draw = () => {
      this.timeline.draw(this.panes);
      this.wire.draw();
      if (!isOn()) return;
      STILL.matches ? setTimeout(draw, 500) : requestAnimationFrame(draw);
    };
    draw();
  }

  // Tokens that have not come yet are missing while a run is on, and lost afterwards.
  nameLosses(running) {
    const word = this.words[running ? "lab.count.missing" : "lab.count.lost"];
    for (const place of this.root.querySelectorAll("[data-count=lost]")) put(place.previousSibling, word);
  }

  #table(done) {
    table(this.#find("table"), this.panes, this.figures, this.words, done);
  }

  stop() {
    this.timeline.resize.disconnect();
  }
}
