// Both panes on one clock: a stroke for each token, a hatched box while there is no connection. Reads panes, changes nothing.
// Every mark has its own shape and its word, so colour is never the only sign.
import { fill, seconds } from "../words.js";

const EDGE = 8;
const QUIET_MS = 450; // a silence longer than this gets its length written under it

export class Timeline {
  constructor(canvas, legend, words) {
    this.canvas = canvas;
    this.legend = legend;
    this.words = words;
    this.panes = [];
    this.started = this.ended = null;
    this.expected = 12000;
    this.now = () => performance.now();
    this.resize = new ResizeObserver(() => this.draw());
    this.resize.observe(canvas);
  }

  draw(panes = this.panes) {
    this.panes = panes;
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width) return;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    const pen = this.canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const style = getComputedStyle(this.canvas);
    this.size = parseFloat(style.fontSize);
    pen.font = `600 ${this.size}px ${style.fontFamily}`;
    const ink = (name) => getComputedStyle(this.legend.querySelector(`[data-ink="${name}"]`)).color;
    this.ink = { sse: ink("sse"), websocket: ink("websocket"), bad: ink("bad"), text: style.color };
    const now = this.started === null ? 0 : (this.ended ?? this.now()) - this.started;
    this.span = Math.max(this.expected, Math.ceil(now / 2000) * 2000);
    this.x = (t) => EDGE + ((t - (this.started ?? 0)) / this.span) * (width - 2 * EDGE);
    const lane = (height - this.size * 1.9) / Math.max(panes.length, 1);
    this.#axis(pen, width, height);
    panes.forEach((pane, n) => this.#lane(pen, pane, n * lane, lane));
    if (this.started !== null && this.ended === null) this.#now(pen, this.x(this.now()), panes.length * lane);
  }

  #axis(pen, width, height) {
    const base = height - this.size * 1.7;
    pen.fillStyle = pen.strokeStyle = this.ink.text;
    pen.globalAlpha = 0.35;
    pen.fillRect(EDGE, base, width - 2 * EDGE, 1);
    const step = width / (this.span / 1000) < this.size * 3 ? 5 : this.span > 30000 ? 5 : 2;
    for (let s = 0; s * 1000 <= this.span; s += step) {
      const x = EDGE + ((s * 1000) / this.span) * (width - 2 * EDGE);
      pen.globalAlpha = 0.35;
      pen.fillRect(x, base, 1, 5);
      pen.globalAlpha = 1;
      pen.textAlign = s === 0 ? "left" : x > width - 3 * this.size ? "right" : "center";
      pen.fillText(`${s} s`, x, height - this.size * 0.3);
    }
  }

  #lane(pen, pane, top, height) {
    const label = this.size * 1.35;
    const box = { top: top + label + 4, bottom: top + height - 6 };
    pen.globalAlpha = 1;
    pen.textAlign = "left";
    pen.fillStyle = this.ink[pane.transport];
    pen.fillText(this.words[`lab.lane.${pane.id}`], EDGE, top + label - 2);
    pen.fillStyle = this.ink.text;
    pen.globalAlpha = 0.25;
    pen.fillRect(EDGE, box.bottom, this.canvas.clientWidth - 2 * EDGE, 1);
    pen.globalAlpha = 1;
    if (this.started === null) return;
    this.#tokens(pen, pane, box);
    for (const down of pane.downs) this.#down(pen, pane, down, box);
    let free = EDGE + pen.measureText(this.words[`lab.lane.${pane.id}`]).width + this.size;
    for (const mark of pane.marks) free = this.#mark(pen, mark, top + label - 2, box, free);
  }

  #tokens(pen, pane, box) {
    pen.fillStyle = this.ink[pane.transport];
    let last = null;
    pane.at.forEach((at, n) => {
      if (!pane.token[n]) return;
      pen.fillRect(this.x(at) - 0.75, box.top, 1.5, box.bottom - box.top);
      if (last !== null && at - last > QUIET_MS && !pane.downs.some((d) => d.from < at && (d.to ?? at) > last)) this.#quiet(pen, last, at, box);
      last = at;
    });
  }

  #quiet(pen, from, to, box) {
    const [a, b, y] = [this.x(from) + 3, this.x(to) - 3, (box.top + box.bottom) / 2];
    const words = `${seconds(to - from)} s`;
    const kept = pen.fillStyle;
    pen.fillStyle = this.ink.text;
    pen.textAlign = "center";
    if (b - a > pen.measureText(words).width) pen.fillText(words, (a + b) / 2, y + this.size * 0.35);
    pen.fillStyle = kept;
  }

  #down(pen, pane, { from, to }, box) {
    const until = to ?? this.ended ?? this.now();
    const { clientWidth } = this.canvas;
    const [a, b] = [from, until].map((t) => Math.min(Math.max(this.x(t), 0), clientWidth)); // a file may tell of any time
    const height = box.bottom - box.top;
    pen.save();
    pen.beginPath();
    pen.rect(a, box.top, Math.max(b - a, 1), height);
    pen.strokeStyle = this.ink.bad;
    pen.lineWidth = 1.5;
    pen.stroke();
    pen.clip();
    pen.globalAlpha = 0.45;
    for (let x = a - height; x < b; x += 7) {
      pen.beginPath();
      pen.moveTo(x, box.bottom);
      pen.lineTo(x + height, box.top);
      pen.stroke();
    }
    pen.restore();
    const lost = to === null && this.ended !== null && pane.measured?.lost;
    const words = fill(this.words[lost ? "lab.mark.lost" : "lab.mark.down"], { s: seconds(until - from), n: lost });
    this.#plate(pen, words, a, b, (box.top + box.bottom) / 2);
  }

  // Words on a ground of their own, where there is room for them.
  #plate(pen, words, a, b, y) {
    const width = pen.measureText(words).width;
    if (b - a < width + 10) return;
    const x = (a + b) / 2;
    pen.fillStyle = getComputedStyle(this.canvas).backgroundColor;
    pen.fillRect(x - width / 2 - 4, y - this.size * 0.75, width + 8, this.size * 1.5);
    pen.fillStyle = this.ink.bad;
    pen.textAlign = "center";
    pen.fillText(words, x, y + this.size * 0.35);
  }

  #mark(pen, { t, kind }, y, box, free) {
    const words = this.words[`lab.mark.${kind}`];
    const bad = kind === "drop" || kind === "failed" || kind === "stopped";
    const x = this.x(t);
    pen.fillStyle = pen.strokeStyle = bad ? this.ink.bad : this.ink.text;
    pen.lineWidth = 1.5;
    pen.setLineDash(kind === "drop" ? [4, 3] : []);
    pen.beginPath();
    pen.moveTo(x, y + 4);
    pen.lineTo(x, box.bottom);
    pen.stroke();
    pen.setLineDash([]);
    // Labels stay on the canvas and never cover each other: the later one moves right.
    const width = pen.measureText(words).width;
    const left = Math.max(free, Math.min(x - width / 2, this.canvas.clientWidth - EDGE - width));
    pen.textAlign = "left";
    pen.fillText(words, left, y);
    return left + width + this.size * 0.6;
  }

  #now(pen, x, bottom) {
    pen.globalAlpha = 0.6;
    pen.fillStyle = this.ink.text;
    pen.fillRect(x, 0, 1, bottom);
    pen.globalAlpha = 1;
  }
}
