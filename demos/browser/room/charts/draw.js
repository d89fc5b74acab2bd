// What all drawings share: SVG elements, a figure with its sentence, and the table of the same figures behind a button.
// Lengths are tenths of a rem, so text in a drawing is as large as text beside it.
import { part } from "../../view/elements.js";

const NAMESPACE = "http://www.w3.org/2000/svg";

/** @typedef {Record<string, string>} Words */

/** @param {string} name @param {Record<string, string | number>} attributes @param {...(Node | string)} inside */
export const shape = (name, attributes, ...inside) => {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...inside);
  return made;
};

/** The sign of a transport: a circle or a square, so that colour is never the only difference.
 * @param {string} transport @param {number} x @param {number} y @param {number} size */
export const sign = (transport, x, y, size) =>
  transport === "sse"
    ? shape("circle", { class: "sse", cx: x, cy: y, r: size / 2 })
    : shape("rect", { class: "websocket", x: x - size / 2, y: y - size / 2, width: size, height: size });

/** The same sign beside a word. @param {string} transport */
export const signed = (transport) => {
  const drawn = shape("svg", { class: "sign", viewBox: "0 0 10 10", "aria-hidden": "true" });
  drawn.append(sign(transport, 5, 5, transport === "sse" ? 9 : 8));
  return drawn;
};

/** @param {number} width @param {number} height tenths of a rem @param {string} label what is heard instead */
export const canvas = (width, height, label) => {
  const drawn = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  drawn.style.width = `${width / 10}rem`; // by script: a style in markup is against the page's content policy
  drawn.style.height = `${height / 10}rem`;
  return drawn;
};

/** @param {string[]} head @param {(string | number)[][]} rows @param {string} caption */
export const tableOf = (head, rows, caption) => {
  const table = document.createElement("table");
  table.append(part("caption", caption));
  const line = (cells, kind) => {
    const row = document.createElement("tr");
    cells.forEach((cell, n) => row.append(Object.assign(part(n ? kind : "th", String(cell)), n && kind === "td" ? {} : { scope: kind === "th" ? "col" : "row" })));
    return row;
  };
  const [top, body] = [document.createElement("thead"), document.createElement("tbody")];
  top.append(line(head, "th"));
  body.append(...rows.map((row) => line(row, "td")));
  table.append(top, body);
  return table;
};

const tableDialog = (table, words) => {
  const dialog = document.createElement("dialog");
  dialog.className = "tabled";
  dialog.setAttribute("aria-label", table.caption.textContent);
  const close = Object.assign(part("button", words["room.chart.close"]), { type: "button", onclick: () => dialog.close() });
  const rows = Object.assign(part("div", "", "rows"), { tabIndex: 0 });
  rows.setAttribute("role", "region");
  rows.setAttribute("aria-label", table.caption.textContent);
  rows.append(table);
  dialog.append(rows, close);
  return dialog;
};

/** A drawing with its title, the sentence that says the finding, and its figures as a table.
 * @param {{ kind: string, title: string, so: string, drawing: Node | Node[], head: string[], rows: (string | number)[][], words: Words }} given */
export const figureOf = ({ kind, title, so, drawing, head, rows, words }) => {
  const figure = part("figure", "", `chart ${kind}`);
  const dialog = tableDialog(tableOf(head, rows, title), words);
  const open = Object.assign(part("button", words["room.chart.table"], "plain"), { type: "button", onclick: () => dialog.showModal() });
  open.setAttribute("aria-label", `${words["room.chart.table"]}: ${title}`);
  const top = part("div", "", "top");
  top.append(part("h2", title), open);
  const caption = part("figcaption", "");
  caption.append(top, ...(so ? [part("p", so, "so")] : []));
  figure.append(caption, ...[drawing].flat(), dialog);
  return figure;
};
