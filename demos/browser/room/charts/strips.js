// The strip plot: one dot a person, in bins, so that nobody can be followed from round to round. A row a transport, a line at its median.
import { fill } from "../../words.js";
import { canvas, figureOf, shape, sign } from "./draw.js";
import { axisFor, binned, dotSize, medianOf, short, unitOf } from "./scale.js";

const LABEL = 84; // room for a transport's name, left of the plot
const EDGE = 16; // so that the last label of the axis is not cut
const AXIS = 16;
const MEDIAN = 86; // "median 1,180 ms"
const BAND = 12; // above each row, for its median
const WIDEST_DOT = 7;
const TRANSPORTS = ["sse", "websocket"];

/** @typedef {{ sse: number[], websocket: number[] }} Strip sorted milliseconds */

/** What is drawn, as numbers: the axis, and how many people are in each bin. null where nobody has a figure.
 * @param {Strip} strip @param {number} bins @param {number} most steps of an even axis */
export const strip = (strip, bins, most = 5) => {
  const all = TRANSPORTS.flatMap((one) => strip[one]);
  if (!all.length) return null;
  const axis = axisFor(all, most);
  const rows = TRANSPORTS.map((transport) => ({
    transport,
    people: strip[transport].length,
    median: medianOf(strip[transport]),
    bins: binned(strip[transport], axis, bins),
  }));
  return { axis, rows };
};

const drawAxis = (axis, { left, width, ground, top }) => {
  const label = unitOf(axis);
  return axis.ticks.flatMap(({ value, at }, n) => {
    const x = left + at * width;
    const anchor = n && at > 0.99 ? "end" : "middle";
    return [
      shape("line", { class: "grid", x1: x, x2: x, y1: top, y2: ground }),
      shape("text", { x: anchor === "end" ? x + EDGE : x, y: ground + AXIS - 3, "text-anchor": anchor }, label(value)),
    ];
  });
};

const drawRow = ({ transport, median, bins }, axis, size, place, words) => {
  const { left, width, top, height } = place;
  const [cell, ground] = [width / bins.length, top + height];
  const columns = Math.max(1, Math.floor(cell / size));
  const dots = shape("g", { class: "dots" });
  bins.forEach(({ people }, n) => {
    const used = Math.min(columns, people);
    const start = left + n * cell + (cell - used * size) / 2 + size / 2;
    for (let dot = 0; dot < people; dot++) {
      const [column, line] = [dot % columns, Math.floor(dot / columns)];
      const drawn = sign(transport, start + column * size, ground - size / 2 - line * size, size * (transport === "sse" ? 0.9 : 0.8));
      drawn.setAttribute("data-bin", String(n));
      dots.append(drawn);
    }
  });
  const name = shape("text", { class: `name ${transport}`, x: 12, y: ground - height / 2 + 4 }, words[`room.transport.${transport}`]);
  const drawn = [sign(transport, 4, ground - height / 2 + 0.5, 7), name, shape("line", { class: "ground", x1: left, x2: left + width, y1: ground, y2: ground }), dots];
  if (median === null) {
    drawn.push(shape("text", { x: left + 4, y: ground - height / 2 + 4 }, words["room.chart.nobody"]));
  } else {
    const x = left + axis.at(median) * width;
    const text = fill(words["room.chart.median"], { value: short(median) });
    const anchor = x + MEDIAN > left + width + EDGE ? "end" : "start";
    const start = anchor === "end" ? Math.min(x + 4, left + width + EDGE) : Math.max(x - 4, left);
    drawn.push(shape("line", { class: `median ${transport}`, x1: x, x2: x, y1: top - 2, y2: ground }));
    drawn.push(shape("text", { class: `value ${transport}`, x: start, y: top - 4, "text-anchor": anchor }, text));
  }
  return drawn;
};

const tableRows = ({ axis, rows }, words) => {
  const value = (ms) => (ms === null ? "–" : short(ms));
  const between = rows[0].bins.map(({ from, to }, n) => [
    fill(words["room.chart.between"], { from: short(from), to: short(to) }),
    ...rows.map(({ bins }) => bins[n].people),
  ]);
  const used = between.filter((_, n) => rows.some(({ bins }) => bins[n].people));
  return [[words["room.chart.people"], ...rows.map(({ people }) => people)], [words["room.chart.median_name"], ...rows.map(({ median }) => value(median))], ...used];
};

/** @param {{ id: string, data: Strip, width: number, height: number, words: Record<string, string> }} given size in tenths of a rem */
export const stripFigure = ({ id, data, width, height, words }) => {
  const inside = width - LABEL - EDGE;
  const found = strip(data, Math.round(inside / 11), Math.floor(inside / 60));
  const title = words[`room.strip.${id}`];
  if (!found) return null;
  const { axis, rows } = found;
  const plot = { left: LABEL, width: inside };
  const row = (height - AXIS) / 2 - BAND;
  const fullest = Math.max(...rows.flatMap(({ bins }) => bins.map(({ people }) => people)));
  const size = dotSize(fullest, plot.width / rows[0].bins.length, row, WIDEST_DOT);
  const medians = Object.fromEntries(rows.map(({ transport, median }) => [transport, median === null ? "–" : short(median)]));
  const both = rows.every(({ median }) => median !== null);
  const only = rows.find(({ median }) => median !== null);
  const so = both
    ? fill(words["room.chart.so.both"], medians)
    : fill(words["room.chart.so.one"], { transport: words[`room.transport.${only.transport}`], value: short(only.median) });
  const drawing = canvas(width, height, `${title}. ${so}`);
  drawing.append(...drawAxis(axis, { ...plot, ground: height - AXIS, top: BAND }));
  rows.forEach((one, n) => drawing.append(...drawRow(one, axis, size, { ...plot, top: n * (row + BAND) + BAND, height: row }, words)));
  const named = axis.log ? `${title} (${words["room.chart.log"]})` : title;
  const head = [words["room.chart.range"], ...rows.map(({ transport }) => words[`room.transport.${transport}`])];
  return figureOf({ kind: "strips", title: named, so, drawing, head, rows: tableRows(found, words), words });
};
