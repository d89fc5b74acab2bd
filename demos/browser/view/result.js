// What a finished run has shown: one sentence, one table, and what is kept as evidence. Numbers are the server's; this says them.
const ROWS = ["first_token_ms", "gap_p50_ms", "gap_p95_ms", "gap_max_ms", "tokens", "events", "lost", "repeated", "reconnects"];
const UNITS = { ms: "ms", s: "s", bytes: "B", times: "×" };

// A figure in words: the last part of its name is its unit.
const figure = (name, value) => {
  if (value === null || value === undefined) return "–";
  const unit = UNITS[name.split("_").at(-1)];
  const digits = unit && value < 10 && !Number.isInteger(value) ? 1 : 0;
  return `${value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })}${unit ? ` ${unit}` : ""}`;
};

const measuredBy = (pane, name) => (name in pane.figures ? pane.figures[name] : pane.measured?.[name]);

// What sentences may fill in: every figure of every pane as PANE_FIGURE, and what the run was.
const values = (stage, said = {}) => {
  const all = { rate: stage.settings.rate, seed: stage.settings.seed };
  for (const pane of stage.panes) {
    for (const name of [...ROWS, ...Object.keys(pane.figures)]) all[`${pane.id}_${name}`] = figure(name, measuredBy(pane, name));
    const m = pane.measured;
    if (!m) continue;
    all[`${pane.id}_gap_s`] = m.gap_max_ms === null ? "–" : seconds(m.gap_max_ms);
    all.made = all[`${pane.id}_made`] = m.tokens + m.lost;
  }
  const cuts = stage.panes.flatMap((pane) => pane.downs.map(({ from }) => from));
  const cut = stage.dropped || Math.min(...cuts);
  if (Number.isFinite(cut) && cut) all.at_s = seconds(cut - stage.started);
  return { ...all, ...said };
};

// The most specific word there is: one for the variant, else the scenario's own, else the lab's.
const pick = (words, ...keys) => words[keys.find((key) => key in words)];

const sentence = (name, stage, said, words) => fill(pick(words, `scenario.${name}.sentence.${said.sentence}`, `scenario.${name}.sentence`), values(stage, said.values));

// What was expected and what came, where something was expected.
const judged = (name, expected, said, words) => {
  if (!expected || !said.came) return "";
  const word = (key) => words[`scenario.${name}.predict.${key}`];
  return fill(words[expected === said.came ? "lab.predicted.right" : "lab.predicted.wrong"], { expected: word(expected), came: word(said.came) });
};

// For the record: what was done, in words, with the fault.
const evidence = (name, stage, said, words) => {
  const how = [pick(words, `scenario.${name}.how.base`, "lab.how.base"), ...(said.how ?? []).map((key) => words[`scenario.${name}.how.${key}`])];
  const receipts = stage.panes.map((pane) => pane.receipt(stage.started));
  return { receipts, scenario: name, how: fill(how.filter(Boolean).join(" "), values(stage, said.values)), browser: browser(), seed: stage.settings.seed };
};

const browser = () => {
  const found = navigator.userAgent.match(/(Firefox|Edg|Chrome|Version)\/(\d+)/);
  return found ? `${{ Edg: "Edge", Chrome: "Chromium", Version: "Safari" }[found[1]] ?? found[1]} ${found[2]}` : "";
};

// A column a pane, a row a figure; rows that nobody could fill are left out once there is a result. Without one: an outline.
const table = (root, panes, figures, words, done) => {
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
