// What a finished run has shown: one sentence, one table, and what is kept as evidence. Numbers are the server's; this says them.
const ROWS = ["first_token_ms", "gap_p50_ms", "gap_p95_ms", "gap_max_ms", "tokens", "events", "lost", "repeated", "reconnects"];

// Which of the lab's scenarios this run turned out to be.
const scenario = (run) => (run.stopAt !== null ? "stop" : run.dropped ? "drop" : run.settings.approve ? "approve" : "plain");

const values = (run) => {
  const all = { rate: run.settings.rate, seed: run.settings.seed };
  for (const pane of run.panes) {
    const m = pane.measured;
    for (const key of ROWS) all[`${pane.transport}_${key}`] = figure(key, m[key]);
    all[`${pane.transport}_gap_s`] = m.gap_max_ms === null ? "–" : seconds(m.gap_max_ms);
    all.made = m.tokens + m.lost;
    if (run.stopAt === null) continue;
    all[`${pane.transport}_stop`] = pane.endedAt === null ? "–" : `${Math.round(pane.endedAt - run.stopAt)} ms`;
    all[`${pane.transport}_after`] = String(m.tokens + m.lost - pane.hadAtStop);
  }
  if (run.dropped) all.at_s = seconds(run.dropped - run.started);
  return all;
};

const sentence = (run, words) => {
  const socket = run.panes[1];
  const cut = run.dropped && socket.reconnects + run.panes[0].reconnects + socket.measured.lost > 0;
  const form = { stop: "stop", drop: cut ? (socket.measured.lost > 0 ? "naive" : "drop") : "plain", approve: "approve", plain: "plain" }[scenario(run)];
  return fill(words[`lab.sentence.${form}`], values(run));
};

// For the record: what was done, in words, with the fault.
const evidence = (run, words) => {
  const name = scenario(run);
  const receipts = run.receipts();
  const how = [fill(words["lab.how.base"], values(run)), words[`lab.how.${run.settings.mode}`]];
  if (run.dropped) how.push(fill(words[socketNaive(receipts) ? "lab.how.drop_naive" : "lab.how.drop"], values(run)));
  if (run.stopAt !== null) how.push(fill(words["lab.how.stop"], values(run)));
  if (run.settings.approve) how.push(words["lab.how.approve"]);
  return { receipts, scenario: name, title: words[`lab.evidence.${name}`], how: how.join(" "), browser: browser() };
};

const socketNaive = (receipts) => receipts.some((receipt) => receipt.client === "naive");

const browser = () => {
  const found = navigator.userAgent.match(/(Firefox|Edg|Chrome|Version)\/(\d+)/);
  return found ? `${{ Edg: "Edge", Chrome: "Chromium", Version: "Safari" }[found[1]] ?? found[1]} ${found[2]}` : "";
};

const table = (body, run, words) => {
  const all = run && values(run);
  const rows = ROWS.map((key) => [words[`lab.count.${key}`], all ? all[`sse_${key}`] : "–", all ? all[`websocket_${key}`] : "–", key]);
  for (const key of ["stop", "after"]) rows.push([words[`lab.count.${key}`], all?.[`sse_${key}`] ?? "–", all?.[`websocket_${key}`] ?? "–", key]);
  body.replaceChildren(
    ...rows.map(([label, ...cells]) => {
      const row = document.createElement("tr");
      const head = Object.assign(document.createElement("th"), { textContent: label, scope: "row" });
      row.append(head);
      cells.slice(0, 2).forEach((cell) => {
        const node = row.appendChild(Object.assign(document.createElement("td"), { textContent: cell }));
        node.classList.toggle("bad", (cells[2] === "lost" || cells[2] === "repeated") && cell !== "0" && cell !== "–");
      });
      return row;
    }),
  );
};
