// What came out, on the wall: a round's findings, and where the room's answers differ. What does not fit on one page is turned,
// slowly and by itself until somebody holds it; the wall may be out of everybody's reach.
import { part } from "../view/elements.js";
import { predictionsFigure, questionFigure, verdictsFigure } from "./charts/bars.js";
import { signed } from "./charts/draw.js";
import { stripFigure } from "./charts/strips.js";
import { timelineFigure } from "./charts/timeline.js";
import { FEW, foundOf, meant } from "./screen.js";
import { choicesOf } from "./wall_phases.js";

const TURN_MS = 20000;
const MOST_BESIDE = 6; // bars of a question above the verdicts
const TRANSPORTS = ["sse", "websocket"];
/** What is shown first of a round, where it is not lateness. */
const FIRST = { plain: ["first_token_ms", "lateness_p95_ms"], silence: ["longest_gap_ms", "lateness_p95_ms"] };
const STRIPS = ["lateness_p95_ms", "longest_gap_ms", "first_token_ms"];

/** @typedef {import("./wall_phases.js").Given} Given @typedef {import("./wall_phases.js").View} View */

/** Pages that are turned by buttons, by the arrow keys, and by themselves. One page has none of it.
 * @param {HTMLElement[]} pages @param {import("./screen.js").PageData} page @returns {{ nodes: HTMLElement[], end?: () => void }} */
const turned = (pages, { say }) => {
  if (pages.length < 2) return { nodes: pages };
  const stops = new AbortController();
  const bar = part("nav", "", "turn");
  bar.setAttribute("aria-label", say("room.wall.pages"));
  let shown = 0;
  const buttons = pages.map((_, n) => Object.assign(part("button", String(n + 1)), { type: "button", onclick: () => turn(n, true) }));
  const hold = Object.assign(part("button", say("room.wall.hold"), "hold"), { type: "button", onclick: () => held(!still) });
  let still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const held = (on) => hold.setAttribute("aria-pressed", String((still = on)));
  const turn = (n, byHand) => {
    shown = (n + pages.length) % pages.length;
    pages.forEach((one, at) => (one.hidden = at !== shown));
    buttons.forEach((one, at) => one.setAttribute("aria-current", at === shown ? "page" : "false"));
    if (byHand) held(true);
  };
  const keys = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };
  const pressed = (event) => meant(event) && event.key in keys && (event.preventDefault(), turn(shown + keys[event.key], true));
  document.addEventListener("keydown", pressed, { signal: stops.signal });
  const timer = setInterval(() => still || document.querySelector("dialog[open]") || turn(shown + 1, false), TURN_MS);
  buttons.forEach((one, n) => one.setAttribute("aria-label", say("room.wall.page", { n: n + 1, of: pages.length })));
  bar.append(...buttons, hold);
  held(still);
  turn(0, false);
  const end = () => (clearInterval(timer), stops.abort());
  return { nodes: [...pages, bar], end };
};

const lostBox = (name, of, { say, some, state: { result } }) => {
  const box = part("div", "", "lost");
  box.append(part("h2", say(`room.wall.${name}`)));
  const half = (transport) => result.so?.values?.[`${transport}_${name}`]; // the median, as the sentence has it
  for (const transport of TRANSPORTS) {
    const { tokens, people } = of[transport];
    const row = part("p", "", tokens ? "some" : "none");
    row.append(signed(transport), part("span", say(`room.transport.${transport}`)), part("b", tokens.toLocaleString("en")));
    row.append(part("span", tokens ? some("room.wall.by", people) : say("room.wall.by_nobody"), "soft"));
    box.append(row);
    if (parseInt(half(transport), 10) > 0) box.append(part("p", say(`room.wall.half.${name}`, { n: half(transport) }), "half soft"));
  }
  return box;
};

const predictions = ({ words, state: { step, result } }) => {
  const bars = choicesOf(words, step.round).map(({ id, label }) => ({ id, label, count: result.predictions[id] ?? 0, right: id === result.came }));
  const people = bars.reduce((sum, { count }) => sum + count, 0);
  return bars.length ? [predictionsFigure({ bars, people, words })] : [];
};

/** Drawings in the order in which they are worth a look; each is made for the width it gets. */
const drawings = ({ words, state: { step, result } }) => {
  const { timeline, strips } = result;
  const cut = timeline && timeline.cut_ms !== null;
  const first = cut ? ["back_ms"] : (FIRST[step.round] ?? []);
  const order = [...new Set([...first, ...STRIPS])].filter((id) => strips?.[id]);
  const made = order.map((id) => (size) => stripFigure({ id, data: strips[id], ...size, words }));
  return cut ? [(size) => timelineFigure({ data: timeline, ...size, words }), ...made] : made;
};

/** @param {Given} given @returns {View} */
export const reveal = (given) => {
  const { say, some, words, state } = given;
  const { step, result } = state;
  const facts = [];
  const came = words[`room.round.${step?.round}.predict.${result.came}`];
  if (result.few && came) facts.push(part("p", say("room.wall.came", { came }), "question"));
  if (result.few) facts.push(part("p", some("room.wall.few", result.received ?? result.people), "few"));
  if (result.blocked) facts.push(part("p", some("room.wall.blocked", result.blocked, { all: result.people }), "fact"));
  if (result.received < result.people) facts.push(part("p", some("room.count.received", result.received, { all: result.people }), "soft"));
  const so = result.so?.key === FEW ? "" : foundOf(words, result);
  const pictures = result.few ? [] : drawings(given);
  const [main, side] = [part("div", "", "pictures"), part("div", "", "aside")];
  main.append(...pictures.slice(0, 2).flatMap((make) => make({ width: 420, height: 102 }) ?? []));
  if (!result.few && result.lost) side.append(lostBox("lost", result.lost, given), lostBox("repeated", result.repeated, given));
  side.append(...(result.predictions ? predictions(given) : []), ...facts);
  const first = part("div", "", main.childElementCount ? "page split" : "page");
  first.append(main, side);
  const pages = [first];
  const rest = pictures.slice(2);
  if (rest.length) {
    const more = part("div", "", rest.length > 1 ? "page grid" : "page");
    more.append(...rest.flatMap((make) => make({ width: rest.length > 1 ? 310 : 640, height: rest.length > 2 ? 88 : 150 }) ?? []));
    pages.push(more);
  }
  const { nodes, end } = turned(pages, given);
  const title = step?.round ? say(`room.round.${step.round}.title`) : say("room.wall.found");
  return { title, status: so || title, nodes: [...(so ? [part("p", so, "finding")] : []), ...nodes], end };
};

// Two figures beside each other, and as many rows as a page has room for; lengths in rem, as long as words are at most.
const ROOM = 29;
const tall = ({ title, bars = [] }) => 3.2 + 1.45 * Math.ceil(title.length / 34) + bars.slice(0, 8).reduce((sum, { label }) => sum + 1.25 * Math.ceil(label.length / 30) + 0.3, 0);

/** @param {any[]} questions @returns {any[][]} */
export const shared = (questions) => {
  const pages = [];
  let left = 0;
  for (let n = 0; n < questions.length; n += 2) {
    const row = questions.slice(n, n + 2);
    const needs = Math.max(...row.map(tall));
    if (!pages.length || needs > left) {
      pages.push([]);
      left = ROOM;
    }
    pages[pages.length - 1].push(...row);
    left -= needs;
  }
  return pages;
};

const gridOf = (figures, more = "") => {
  const page = part("div", "", `page grid ${more}`);
  page.append(...figures);
  return page;
};

/** @param {Given} given @returns {View} */
export const answers = (given) => {
  const { say, some, words, state } = given;
  const { result } = state;
  if (result.few) {
    const text = some("room.wall.few", result.people);
    return { title: say("room.wall.answers"), status: text, nodes: [part("p", text, "few")] };
  }
  const { people, discuss = [], questions, verdicts = [] } = result;
  const figure = (question) => questionFigure({ question, people, words });
  const worth = questions.filter(({ title, few }) => !few && discuss.includes(title)).slice(0, 2);
  const others = questions.filter((one) => !worth.includes(one));
  const first = part("div", "", "page");
  if (worth.length) first.append(part("p", some("room.wall.discuss", worth.length), "finding"), gridOf(worth.map(figure)));
  const pages = first.childElementCount ? [first] : [];
  if (verdicts.length) {
    // Beside long questions there is no room for it.
    const place = pages.length && worth.every(({ bars }) => bars.length <= MOST_BESIDE) ? first : part("div", "", "page");
    place.append(verdictsFigure({ bars: verdicts, words }));
    if (place !== first || !pages.length) pages.push(place);
  }
  for (const fits of shared(others)) pages.push(gridOf(fits.map(figure), "beside"));
  const { nodes, end } = turned(pages, given);
  return { title: say("room.wall.answers"), nodes, end };
};
