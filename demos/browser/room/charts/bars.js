// Bars with their words: what people expected, what they answered, and all verdicts as one bar. Labels are text of the page, so that
// they wrap; the bar beside them is drawn.
import { part } from "../../view/elements.js";
import { fill } from "../../words.js";
import { figureOf, shape } from "./draw.js";

/** @typedef {{ id: string, label: string, count: number, right?: boolean }} Bar */

const MOST_BARS = 8;

const barOf = (count, most, kind) => {
  const drawn = shape("svg", { class: `bar ${kind}`, viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
  const width = most ? (100 * count) / most : 0;
  drawn.append(shape("rect", { class: "all", x: 0, y: 0, width: 100, height: 10 }), shape("rect", { class: "part", x: 0, y: 0, width, height: 10 }));
  return drawn;
};

/** One line a bar: label, bar, count; what came has a tick and a word. @param {Bar[]} bars @param {number} most @param {Record<string, string>} words */
export const barList = (bars, most, words) => {
  const list = part("ul", "", "bars");
  for (const { id, label, count, right } of bars) {
    const row = part("li", "", right ? "right" : "");
    row.dataset.id = id;
    const name = part("span", label, "label");
    if (right) name.append(" ", part("b", `✓ ${words["room.chart.came"]}`, "badge"));
    row.append(name, barOf(count, most, right ? "right" : ""), part("span", String(count), "count"));
    list.append(row);
  }
  return list;
};

/** What people expected. @param {{ bars: Bar[], people: number, words: Record<string, string> }} given */
export const predictionsFigure = ({ bars, people, words }) => {
  const right = bars.find((bar) => bar.right);
  const said = bars.reduce((sum, { count }) => sum + count, 0);
  const so = !said ? words["room.chart.so.unsaid"] : right ? fill(words["room.chart.so.right"], { n: right.count, all: said }) : "";
  const title = words["room.chart.expected"];
  const mark = (bar) => (bar.right ? words["room.chart.came"] : "");
  const rows = bars.map((bar) => [bar.label, bar.count, mark(bar)]);
  const head = [words["room.chart.answer"], words["room.chart.people"], words["room.chart.mark"]];
  return figureOf({ kind: "predictions", title, so, drawing: barList(bars, Math.max(people, said), words), head, rows, words });
};

/** The answer that most people gave, where there is one. @param {Bar[]} bars @param {number} all @param {string} key @param {Record<string, string>} words */
const mostSaid = (bars, all, key, words) => {
  const [first, second] = [...bars].sort((a, b) => b.count - a.count);
  if (!first?.count) return words["room.chart.so.unanswered"];
  return first.count === second?.count ? words["room.chart.so.tie"] : fill(words[key], { answer: first.label, n: first.count, all });
};

/** @typedef {{ id: string, title: string, bars?: Bar[], disagreement?: number, decisive?: boolean, few?: boolean }} Question */

/** A question that too few have answered: nobody's answer may be told apart. @param {Question} question @param {Record<string, string>} words */
const fewFigure = ({ title }, words) => {
  const figure = part("figure", "", "chart few-answered");
  const caption = part("figcaption", "");
  caption.append(part("h2", title), part("p", words["room.chart.so.few"], "so"));
  figure.append(caption);
  return figure;
};

/** One question of the room. @param {{ question: Question, people: number, words: Record<string, string> }} given */
export const questionFigure = ({ question, people, words }) => {
  if (question.few || !question.bars) return fewFigure(question, words);
  const so = mostSaid(question.bars, people, "room.chart.so.most", words);
  const rows = question.bars.map(({ label, count }) => [label, count]);
  const head = [words["room.chart.answer"], words["room.chart.people"]];
  const least = [...question.bars].sort((a, b) => b.count - a.count)[MOST_BARS - 1]?.count ?? 0;
  const seen = question.bars.filter(({ count }) => count >= least).slice(0, MOST_BARS);
  const left = question.bars.length - seen.length;
  const drawing = [barList(seen, people, words), ...(left ? [part("p", fill(words["room.chart.more"], { n: left }), "soft")] : [])];
  const figure = figureOf({ kind: "answered", title: question.title, so, drawing, head, rows, words });
  if (question.decisive) figure.querySelector("h2").append(" ", part("b", words["room.chart.decisive"], "badge"));
  return figure;
};

/** All verdicts as one bar; a letter ties each piece to its words. @param {{ bars: Bar[], words: Record<string, string> }} given */
export const verdictsFigure = ({ bars, words }) => {
  const all = bars.reduce((sum, { count }) => sum + count, 0);
  const drawn = shape("svg", { class: "verdict", viewBox: "0 0 640 24", role: "img", "aria-label": bars.map(({ label, count }) => `${label}: ${count}`).join(", ") });
  const list = part("ul", "", "legend");
  let x = 0;
  bars.forEach(({ label, count }, n) => {
    const [width, letter] = [all ? (640 * count) / all : 0, String.fromCharCode(65 + n)];
    drawn.append(shape("rect", { class: `piece p${n % 4}`, x, y: 0, width: Math.max(0, width - 2), height: 24 }));
    if (width > 14) drawn.append(shape("text", { class: `on p${n % 4}`, x: x + width / 2, y: 16.5, "text-anchor": "middle" }, letter));
    const row = part("li", "");
    row.append(part("b", letter, `key p${n % 4}`), part("span", label), part("b", String(count), "count"));
    list.append(row);
    x += width;
  });
  const so = mostSaid(bars, all, "room.chart.so.verdict", words);
  const head = [words["room.chart.verdict"], words["room.chart.people"]];
  return figureOf({ kind: "verdicts", title: words["room.chart.verdicts"], so, drawing: [drawn, list], head, rows: bars.map(({ label, count }) => [label, count]), words });
};
