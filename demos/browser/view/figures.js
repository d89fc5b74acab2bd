// Names of figures and how they are written. What a figure is worth, the server has counted.
export const ROWS = ["first_token_ms", "gap_p50_ms", "gap_p95_ms", "gap_max_ms", "tokens", "events", "lost", "repeated", "reconnects"];
export const PLACES = ["first_token_ms", "gap_p50_ms", "gap_p95_ms", "events", "reconnects", "lost", "repeated"];
export const BAD = ["lost", "repeated"];
const UNITS = { ms: "ms", s: "s", bytes: "B", times: "×" };

// A figure in words: the last part of its name is its unit.
export const figure = (name, value) => {
  if (value === null || value === undefined) return "–";
  const unit = UNITS[name.split("_").at(-1)];
  const digits = unit && value < 10 && !Number.isInteger(value) ? 1 : 0;
  return `${value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })}${unit ? ` ${unit}` : ""}`;
};

export const measuredBy = (pane, name) => (name in pane.figures ? pane.figures[name] : pane.measured?.[name]);
