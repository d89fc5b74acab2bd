// The lists of the lead's page: counts, the agenda, who is stuck, everybody. A line that is there already is changed and not made anew,
// so that focus stays where it is.
import { part, put } from "../view/elements.js";
import { FEW, foundOf, stepTitle } from "./screen.js";

const COUNTS = ["here", "away", "stuck", "done", "blocked", "buffered", "simulated"];
const LONGEST_NAME = 20; // what a browser calls itself comes from outside
const ALWAYS = 4; // the others only where there are any

/** @typedef {import("./screen.js").PageData} PageData */

/** @param {HTMLElement} list @param {PageData} page @param {any} state */
export const drawCounts = (list, { say }, { counts }) => {
  if (!list.childElementCount) {
    list.append(
      ...COUNTS.map((name) => {
        const pair = part("div", "");
        pair.dataset.name = name;
        pair.append(part("dt", say(`room.lead.count.${name}`)), part("dd", ""));
        return pair;
      }),
    );
  }
  COUNTS.forEach((name, n) => {
    const pair = /** @type {HTMLElement} */ (list.children[n]);
    pair.hidden = n >= ALWAYS && !counts[name];
    pair.classList.toggle("some", name === "stuck" && counts[name] > 0);
    put(pair.lastElementChild, String(counts[name] ?? 0));
  });
};

/** @param {HTMLElement} list @param {PageData} page @param {any} state @param {(number: number, title: string) => void} skip */
export const drawSteps = (list, page, { steps = [], step, can }, skip) => {
  while (list.childElementCount > steps.length) list.lastElementChild.remove();
  steps.forEach((one, n) => {
    const title = stepTitle(page, one);
    let row = list.children[n];
    if (!row) {
      row = part("li", "");
      const button = Object.assign(part("button", ""), { type: "button" });
      button.append(part("span", ""), " ", part("span", "", "takes"));
      row.append(button);
      list.append(row);
    }
    const button = /** @type {HTMLButtonElement} */ (row.firstElementChild);
    const now = step?.number === n + 1;
    put(button.firstElementChild, page.say(now ? "room.lead.step_now" : "room.lead.step", { n: n + 1, title }));
    put(button.lastElementChild, one.minutes ? page.say("room.lead.takes", { n: one.minutes }) : "");
    button.toggleAttribute("aria-current", now);
    if (now) button.setAttribute("aria-current", "step");
    button.disabled = now || !can.includes("skip");
    button.onclick = () => skip(n + 1, title);
  });
};

const lineOf = ({ say }, { kind, browser, away, stuck, done, blocked, simulated }) => {
  const told = [say(`room.lead.kind.${kind}`), (browser ?? "").slice(0, LONGEST_NAME)];
  if (stuck) told.push(say(`room.lead.reason.${stuck}`));
  if (done) told.push(say("room.lead.is.done"));
  if (away) told.push(say("room.lead.is.away"));
  if (blocked) told.push(say("room.lead.is.blocked"));
  if (simulated) told.push(say("room.lead.is.simulated"));
  return told.filter(Boolean).join(", ");
};

const drawList = (list, page, people, can, remove) => {
  const rows = new Map([...list.children].map((row) => [Number(row.dataset.number), row]));
  people.forEach((person, n) => {
    const { number } = person;
    let row = rows.get(number);
    if (!row) {
      row = part("li", "");
      row.dataset.number = number;
      const button = Object.assign(part("button", page.say("room.lead.remove")), { type: "button", onclick: () => remove(number) });
      button.setAttribute("aria-label", page.say("room.lead.remove_one", { n: number }));
      row.append(part("b", page.say("room.lead.number", { n: number })), part("span", ""), button);
    }
    rows.delete(number);
    if (list.children[n] !== row) list.insertBefore(row, list.children[n] ?? null);
    put(row.children[1], lineOf(page, person));
    row.lastElementChild.disabled = !can.includes("remove");
  });
  for (const row of rows.values()) row.remove();
};

/** @param {PageData} page @param {any} state @param {(number: number) => void} remove @param {(people: number) => void} removeAway */
export const drawPeople = (page, { list = [], can }, remove, removeAway) => {
  const stuck = list.filter((person) => person.stuck);
  document.getElementById("nobody").hidden = stuck.length > 0;
  drawList(document.getElementById("stuck-list"), page, stuck, can, remove);
  put(document.getElementById("all"), page.say("room.lead.all", { n: list.length }));
  drawList(document.getElementById("all-list"), page, list, can, remove);
  const away = list.filter((person) => person.away).length;
  const button = document.getElementById("remove-away");
  button.hidden = !away || !can.includes("remove_away");
  button.onclick = () => removeAway(away);
};

/** What a round has shown and who was right, or that it is early to start one. @param {HTMLElement} place @param {PageData} page @param {any} state */
export const drawFound = (place, { words, say, some }, { phase, step, counts, people, result }) => {
  const lines = [];
  if (phase === "predict" && people && counts.predicted * 2 < people) lines.push(part("p", say("room.lead.early")));
  if (phase === "reveal" && result) {
    const { came, few, predictions } = result;
    const label = words[`room.round.${step?.round}.predict.${came}`];
    lines.push(part("p", foundOf(words, result), "finding"));
    if (few && result.so?.key !== FEW) lines.push(part("p", some("room.wall.few", result.received ?? result.people)));
    if (label) lines.push(part("p", say("room.wall.came", { came: label })));
    const said = Object.values(predictions ?? {}).reduce((sum, n) => sum + n, 0);
    if (label && said) lines.push(part("p", say("room.lead.right", { n: predictions[came] ?? 0, all: said })));
  }
  const told = lines.filter((line) => line.textContent);
  place.hidden = !told.length;
  if (place.textContent !== told.map((line) => line.textContent).join("")) place.replaceChildren(...told);
};
