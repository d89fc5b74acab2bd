// What one browser has measured in a round, beside the median of the room: a table that fits a phone.
import { fill } from "../../words.js";
import { short } from "../charts/scale.js";
import { made, shape } from "./elements.js";

const ROWS = ["tokens", "lost", "repeated", "cuts", "back_ms", "first_token_ms", "lateness_p95_ms", "longest_gap_ms"];
const BOTH = ["sse", "websocket"];

/** @typedef {Record<string, number | null> | null | undefined} Figures */

const shown = (row, value) => (value === null || value === undefined ? "–" : row.endsWith("_ms") ? short(value) : value.toLocaleString("en"));

/**
 * @param {{ sse: Figures, websocket: Figures }} mine
 * @param {{ sse: Figures, websocket: Figures } | null} median null: nothing to compare with
 * @param {Record<string, string>} words
 */
export function figureTable(mine, median, words) {
  const names = BOTH.map((one) => made("th", { scope: "col" }, shape(one), words[`room.phone.pane.${one}`]));
  const head = made("thead", {}, made("tr", {}, made("th", { scope: "col", className: "corner" }, words["room.phone.reveal.figure"]), ...names));
  const measured = ROWS.filter((row) => BOTH.some((one) => (mine[one]?.[row] ?? null) !== null));
  const cell = (row, one) => {
    const found = made("td", { data: { transport: one } }, made("b", {}, shown(row, mine[one]?.[row])));
    const figure = shown(row, median?.[one]?.[row]);
    if (median) found.append(made("small", {}, fill(words["room.phone.reveal.room"], { figure })));
    return found;
  };
  const rows = measured.map((row) =>
    made("tr", { data: { figure: row } }, made("th", { scope: "row" }, words[`room.phone.figure.${row}`]), ...BOTH.map((one) => cell(row, one))),
  );
  return made("table", { aria: { label: words["room.phone.reveal.table"] } }, head, made("tbody", {}, ...rows));
}
