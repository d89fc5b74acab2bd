// What passed, as it passed: a column a pane, a row a moment. Reads panes, changes nothing, and does nothing while it is shut.
import { size } from "../transports/protocol.js";
import { fill } from "../words.js";
import { part, put } from "./elements.js";

const MOST_ROWS = 200;
const MOST_A_FRAME = 60; // lines or frames shown at once, so that opening the view in mid-run is no long task
const MOST_LINES = 50; // of one event
const PAUSE_MS = 90;
const MOMENT_MS = 60; // what is no event of the run stands side by side when it comes within it
const EVENT_MS = 1000; // and the same event over two transports: on a busy machine one of them is late
const [HEAD, TAIL] = [16, 3]; // characters kept of a long text
const NUMBER = /"seq":(\d+)/;
const TELLING = /"text":"(?:[^"\\]|\\.)*"/; // and the token in it

export class Wire {
  constructor(root, panes, words) {
    this.root = root;
    this.panes = panes;
    this.words = words;
    this.whole = false;
    this.drawn = 0;
    this.started = null;
    this.list = root.querySelector(".rows");
    this.sums = panes.map((pane) => {
      const sum = document.createElement("div");
      sum.append(part("b", words[`lab.pane.${pane.id}`]), part("span", ""));
      sum.dataset.testid = `${pane.id}-wire-sum`;
      return root.querySelector(".sums").appendChild(sum).lastChild;
    });
    root.querySelector("[data-testid=lab-whole]").onclick = ({ currentTarget }) => {
      this.whole = !this.whole;
      currentTarget.setAttribute("aria-pressed", String(this.whole));
      this.clear();
    };
    this.list.onclick = ({ target }) => target.closest(".more")?.spell();
    this.clear();
  }

  clear() {
    this.rows = [];
    this.next = this.panes.map(() => 0);
    this.list.replaceChildren();
    this.draw(true);
  }

  // Asked for with each drawing, it answers ten times a second: nobody reads faster. `now`: the last word of a run, or the first.
  draw(now = false) {
    if (this.root.hidden || (!now && performance.now() - this.drawn < PAUSE_MS)) return;
    this.drawn = performance.now();
    const fresh = this.panes.flatMap((pane, n) => {
      this.next[n] = Math.max(this.next[n], pane.wire.length - MOST_ROWS);
      return pane.wire.slice(this.next[n], this.next[n] + MOST_A_FRAME).map((one) => ({ ...one, n }));
    });
    fresh.sort((a, b) => a.t - b.t);
    const taken = fresh.slice(0, MOST_A_FRAME);
    this.#tally();
    if (!taken.length) return;
    const end = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 40;
    for (const one of taken) this.#place(one);
    for (const row of this.rows.splice(0, Math.max(0, this.rows.length - MOST_ROWS))) row.node.remove();
    if (end) this.list.scrollTop = this.list.scrollHeight;
    if (fresh.length > taken.length) requestAnimationFrame(() => this.draw(true));
  }

  // Beside the same event in the same moment through another pane; never above what came earlier through its own.
  #place(one) {
    this.next[one.n] += 1;
    const own = this.rows.findLastIndex((row) => row.filled.has(one.n));
    const number = one.text.match(NUMBER)?.[1];
    const within = number ? EVENT_MS : MOMENT_MS;
    const row = this.rows.find((row, n) => n > own && row.number === number && one.t - row.t <= within) ?? this.#row(one.t, number);
    row.filled.add(one.n);
    row.node.children[one.n + 1].append(...this.#cell(this.panes[one.n].transport, one));
  }

  #row(t, number) {
    const node = part("div", "", "moment");
    const started = this.started ?? 0;
    node.append(part("b", `${((t - started) / 1000).toFixed(3)} s`), ...this.panes.map(() => document.createElement("div")));
    this.list.append(node);
    const row = { t, number, node, filled: new Set() };
    this.rows.push(row);
    return row;
  }

  #cell(transport, { way, text, around }) {
    const sent = way === "out" ? [this.#line([[`→ ${this.words["lab.wire.sent"]}`, ""]])] : [];
    if (transport === "sse") return [...sent, ...this.#lines(text).map((line) => this.#line([this.#field(line)]))];
    const { words } = this;
    const mask = words[way === "out" ? "lab.wire.mask.key" : "lab.wire.mask.none"];
    const head = this.#line([["opcode:", "0x1"], [words["lab.wire.length"], String(size(text))], [words["lab.wire.mask"], mask], [words["lab.wire.head"], `${around} B`]]);
    return [...sent, head, this.#line([["", text]])];
  }

  // An event of ours has three; a file may hold any text.
  #lines(text) {
    const lines = text.split("\n", MOST_LINES + 1);
    return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), "…"] : lines;
  }

  #field(line) {
    const colon = line.indexOf(":");
    return colon < 0 ? ["", line] : [line.slice(0, colon + 1), line.slice(colon + 2)];
  }

  #line(parts) {
    const line = document.createElement("p");
    for (const [name, value] of parts) {
      if (name) line.append(part("b", name), " ");
      line.append(...(this.whole ? [value] : this.#shortened(value)), "  ");
    }
    return line;
  }

  #shortened(value) {
    const end = value.length - TAIL;
    if (end < HEAD + 60) return [value];
    const found = value.match(TELLING);
    if (!found || found.index < HEAD || found.index + found[0].length > end || found[0].length > 120) {
      return [value.slice(0, HEAD + 40), this.#more(value.slice(HEAD + 40, end)), value.slice(end)];
    }
    const after = found.index + found[0].length;
    return [value.slice(0, HEAD), this.#more(value.slice(HEAD, found.index)), part("b", found[0]), this.#more(value.slice(after, end)), value.slice(end)];
  }

  // Stands for what was left out of a long text; a click spells it out. By keyboard: the button that spells out all.
  #more(left) {
    const more = part("button", "…", "more");
    Object.assign(more, { type: "button", tabIndex: -1, spell: () => more.replaceWith(left) });
    more.setAttribute("aria-label", this.words["lab.wire.more"]);
    return more;
  }

  #tally() {
    this.panes.forEach(({ passed: { count, payload, framing }, tokens }, n) => {
      const each = count ? (framing / count).toFixed(1) : "–";
      const token = tokens ? Math.round((payload + framing) / tokens) : "–";
      put(this.sums[n], fill(this.words["lab.wire.sum"], { payload: payload.toLocaleString("en"), framing: framing.toLocaleString("en"), each, token }));
    });
  }
}
