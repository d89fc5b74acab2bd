// Share of the room that is connected, over time: an area a transport, one above the other, and the cut as a dashed line with its word.
import { fill } from "../../words.js";
import { canvas, figureOf, shape, sign } from "./draw.js";
import { evenAxis, halfBack, percent, seconds, short } from "./scale.js";

const LABEL = 84;
const SCALE = 34; // for "100 %"
const EDGE = 20;
const AXIS = 16;
const BAND = 13; // for the word of the cut
const GAP = 8;
const MOST_ROWS = 14;
const TRANSPORTS = ["sse", "websocket"];

/** @typedef {{ step_ms: number, cut_ms: number | null, sse: number[], websocket: number[] }} Shares */

const area = (shares, step, axis, { left, width, top, height }) => {
  const points = shares.map((share, n) => [left + axis.at(n * step) * width, top + height * (1 - share)]);
  const line = points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
  const [first, last] = [points[0][0], points[points.length - 1][0]];
  return { line: `M${line}`, filled: `M${first.toFixed(1)} ${top + height}L${line}L${last.toFixed(1)} ${top + height}Z` };
};

const drawLane = (transport, data, axis, place, words) => {
  const { left, width, top, height } = place;
  const middle = top + height / 2;
  const drawn = [
    sign(transport, 4, middle - 3, 7),
    shape("text", { class: `name ${transport}`, x: 12, y: middle + 1 }, words[`room.transport.${transport}`]),
    ...[0, 1].map((share) => shape("line", { class: "grid", x1: left, x2: left + width, y1: top + height * (1 - share), y2: top + height * (1 - share) })),
    ...[0, 1].map((share) => shape("text", { x: left - 3, y: top + height * (1 - share) + (share ? 7 : 0), "text-anchor": "end" }, `${share * 100} %`)),
  ];
  if (data[transport].length) {
    const { line, filled } = area(data[transport], data.step_ms, axis, place);
    drawn.push(shape("path", { class: `area ${transport}`, d: filled }), shape("path", { class: `line ${transport}`, d: line }));
  }
  return drawn;
};

/** The drawing alone; the wall draws it anew while a round runs.
 * @param {{ data: Shares, width: number, height: number, label: string, least?: number, words: Record<string, string> }} given */
export const timelineDrawing = ({ data, width, height, label, least = 1000, words }) => {
  const last = Math.max(least, (Math.max(data.sse.length, data.websocket.length) - 1) * data.step_ms);
  const axis = evenAxis(last, 8);
  const left = LABEL + SCALE;
  const plot = { left, width: width - left - EDGE };
  const lane = (height - AXIS - BAND - GAP) / 2;
  const drawing = canvas(width, height, label);
  for (const { value, at } of axis.ticks) {
    const x = left + at * plot.width;
    drawing.append(shape("line", { class: "grid", x1: x, x2: x, y1: BAND, y2: height - AXIS }));
    drawing.append(shape("text", { x, y: height - 3, "text-anchor": "middle" }, seconds(value)));
  }
  TRANSPORTS.forEach((transport, n) => {
    drawing.append(...drawLane(transport, data, axis, { ...plot, top: BAND + n * (lane + GAP), height: lane }, words));
  });
  if (data.cut_ms !== null) {
    const x = left + axis.at(data.cut_ms) * plot.width;
    drawing.append(shape("line", { class: "cut", x1: x, x2: x, y1: BAND - 2, y2: height - AXIS }));
    drawing.append(shape("text", { class: "value bad", x, y: BAND - 4, "text-anchor": "middle" }, words["room.chart.cut"]));
  }
  return drawing;
};

/** @param {Shares} data @param {Record<string, string>} words */
export const timelineSo = ({ step_ms, cut_ms, ...data }, words) => {
  if (cut_ms === null) return "";
  const back = (transport) => halfBack(data[transport], step_ms, cut_ms);
  const told = (ms) => (ms === null ? words["room.chart.never"] : ms === 0 ? words["room.chart.stayed"] : fill(words["room.chart.after"], { value: short(ms) }));
  return fill(words["room.chart.so.back"], { sse: told(back("sse")), websocket: told(back("websocket")) });
};

/** Few enough rows to be read: each `every`th of the shares that are drawn. @param {Shares} data */
export const timelineRows = (data) => {
  const count = Math.max(data.sse.length, data.websocket.length);
  const every = Math.max(1, Math.ceil(count / MOST_ROWS));
  const cell = (shares, n) => (n < shares.length ? `${percent(shares[n])} %` : "–");
  return Array.from({ length: Math.ceil(count / every) }, (_, row) => row * every).map((n) => [
    seconds(n * data.step_ms),
    cell(data.sse, n),
    cell(data.websocket, n),
  ]);
};

/** @param {{ data: Shares, width: number, height: number, words: Record<string, string> }} given size in tenths of a rem */
export const timelineFigure = ({ data, width, height, words }) => {
  const title = words["room.chart.connected"];
  const so = timelineSo(data, words);
  const rows = timelineRows(data);
  if (data.cut_ms !== null) rows.push([words["room.chart.cut"], ...TRANSPORTS.map(() => seconds(data.cut_ms))]);
  const drawing = timelineDrawing({ data, width, height, label: `${title}. ${so}`, words });
  const head = [words["room.chart.time"], ...TRANSPORTS.map((one) => words[`room.transport.${one}`])];
  return figureOf({ kind: "timeline", title, so, drawing, head, rows, words });
};
