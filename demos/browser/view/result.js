// What a finished run has shown: one sentence, one table, and what is kept as evidence. Numbers are the server's; this says them.
// What sentences may fill in: every figure of every pane as PANE_FIGURE, and what the run was.
import { spoiled } from "../scenarios/lessons.js";
import { fill, pick, seconds } from "../words.js";
import { PLACES, ROWS, figure, measuredBy } from "./figures.js";

const values = (run, said = {}) => {
  const all = { rate: run.settings.rate, seed: run.settings.seed };
  for (const pane of run.panes) {
    for (const name of [...ROWS, ...Object.keys(pane.figures)]) all[`${pane.id}_${name}`] = figure(name, measuredBy(pane, name));
    const m = pane.measured;
    if (!m) continue;
    all[`${pane.id}_gap_s`] = m.gap_max_ms === null ? "–" : seconds(m.gap_max_ms);
    all.made = all[`${pane.id}_made`] = m.tokens + m.lost;
  }
  const cuts = run.panes.flatMap((pane) => pane.downs.map(({ from }) => from));
  const cut = run.dropped || Math.min(...cuts);
  if (Number.isFinite(cut) && cut) all.at_s = seconds(cut - run.started);
  return { ...all, ...said };
};

export const sentence = (name, run, said, words) => fill(pick(words, `scenario.${name}.sentence.${said.sentence}`, `scenario.${name}.sentence`), values(run, said.values));

// What the run has shown, in one sentence that can be said again; empty where a file does not tell.
export const lesson = (name, run, said, words) => {
  const keys = (said.so ?? []).map((key) => `scenario.${name}.so.${key}`).filter((key) => key in words);
  if (!keys.length) return "";
  const told = keys.map((key) => fill(words[key], values(run, said.values))).join(" ");
  return fill(words[spoiled(said) ? "lab.so.not" : "lab.so"], { told });
};

// What was expected and what came, where something was expected.
export const judged = (name, expected, said, words) => {
  if (!expected || !said.came) return "";
  const word = (key) => words[`scenario.${name}.predict.${key}`];
  return fill(words[expected === said.came ? "lab.predicted.right" : "lab.predicted.wrong"], { expected: word(expected), came: word(said.came) });
};

// Sentences of evidence are the server's; a page fills in numbers only.
const numbers = (all) => Object.fromEntries(Object.entries(all).map(([key, value]) => [key, String(value)]).filter(([, value]) => /^[0-9.,–-]{1,20}$/.test(value)));

// For the record: which of the server's sentences say what was shown, and what was done, with the fault.
export const evidence = (name, run, said, words) => {
  const variants = (said.how ?? []).filter((key) => `scenario.${name}.how.${key}` in words);
  const receipts = run.panes.map((pane) => pane.receipt(run.started));
  const how = { variants, so: said.so ?? [], values: numbers(values(run, said.values)) };
  return { receipts, scenario: name, how, browser: browser(), seed: run.settings.seed };
};

export const browser = () => {
  const found = navigator.userAgent.match(/(Firefox|Edg|Chrome|Version)\/(\d+)/);
  return found ? `${{ Edg: "Edge", Chrome: "Chromium", Version: "Safari" }[found[1]] ?? found[1]} ${found[2]}` : "";
};

// A column a pane, a row a figure; rows that nobody could fill are left out once there is a result.
export const table = (root, panes, figures, words, done) => {
  const cell = (kind, text, more = {}) => Object.assign(document.createElement(kind), { textContent: text, ...more });
  const head = cell("tr", "");
  head.append(cell("th", words["lab.measure"], { scope: "col" }), ...panes.map((pane) => cell("th", words[`lab.pane.${pane.id}`], { scope: "col" })));
  root.tHead.replaceChildren(head);
  // Where a scenario has counters of its own, of the usual rows only those that its panes show.
  const usual = ROWS.filter((name) => panes.some((pane) => pane.places === PLACES || pane.places.includes(name)));
  const rows = [...usual, ...figures].filter((name) => !done || panes.some((pane) => measuredBy(pane, name) !== undefined && measuredBy(pane, name) !== null));
  root.tBodies[0].replaceChildren(
    ...rows.map((name) => {
      const row = cell("tr", "");
      row.dataset.figure = name;
      row.append(cell("th", pick(words, `figure.${name}`, `lab.count.${name}`), { scope: "row" }));
      for (const pane of panes) {
        const value = done ? measuredBy(pane, name) : null;
        row.append(cell("td", figure(name, value), { className: pane.bad.includes(name) && value > 0 ? "bad" : "" }));
      }
      return row;
    }),
  );
};
