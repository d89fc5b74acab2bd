// A run as a file: what is written, and what is believed of a file that somebody brings. Touches no page and no network.
import { METHODS, size } from "../transports/protocol.js";
import { ROWS } from "../view/figures.js";
import { MOST_WIRED } from "../view/pane.js";
import { browser } from "../view/result.js";

const FORMAT = "streamwise-run";
const VERSION = 1;
export const LARGEST_BYTES = 5_000_000;
const MOST_HEARD = 60_000;
const HEARD = [...METHODS, "custom"]; // no more than a scenario of ours subscribes to
const NAME = /^[a-z][a-z0-9_]{0,60}$/;
const VARIANT = /^[a-z][a-z0-9_]{0,60}(\.[a-z0-9_]{1,60})?$/; // of a sentence: what was chosen, or two choices
const WHEN = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)$/;

// Why a file is not taken; `key` is the word that says it.
export class Unreadable extends Error {
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

// What is saved: times count from the run's start. Answers to the guide and the questions' numbers stay here.
export const runFile = ({ name, run, said, evidence }) => {
  const rel = (t) => (t === null || t === undefined ? null : Math.round((t - run.started) * 10) / 10);
  const plain = ([, value]) => typeof value !== "object" || value === null;
  const file = {
    format: FORMAT,
    version: VERSION,
    scenario: name,
    taken: new Date(Date.now() - (performance.now() - run.endedAt)).toISOString(),
    versions: evidence?.versions ?? {},
    browser: browser(),
    settings: Object.fromEntries(Object.entries(run.settings).filter(plain)),
    lasted: rel(run.endedAt),
    dropped: run.dropped ? rel(run.dropped) : null,
    said: { sentence: said.sentence ?? null, came: said.came ?? null, so: said.so ?? [], values: said.values ?? {} },
    panes: run.panes.map(({ id, transport, client, heard, wire, marks, downs, measured, figures }) => ({
      ...{ id, transport, client, measured, figures },
      heard: heard.map(([t, kind, detail]) => ({ t: rel(t), ...(kind === "event" ? { event: detail } : { state: kind, detail: told(detail) }) })),
      wire: wire.map(({ t, ...rest }) => ({ t: rel(t), ...rest })),
      marks: marks.map(({ t, kind }) => ({ t: rel(t), kind })),
      downs: downs.map(({ from, to }) => ({ from: rel(from), to: rel(to) })),
    })),
  };
  const text = JSON.stringify(file);
  if (size(text) <= LARGEST_BYTES) return text;
  for (const pane of file.panes) pane.wire = []; // says again what was heard
  return JSON.stringify(file);
};

const told = ({ code, reason }) => ({ ...(Number.isInteger(code) && { code }), ...(typeof reason === "string" && { reason: reason.slice(0, 500) }) });

// A file's text -> the run in it, with nothing in it that was not looked at. Throws Unreadable.
export const readRun = (text, { name, panes, words }) => {
  let file;
  if (size(text) > LARGEST_BYTES) throw new Unreadable("lab.open.large");
  try {
    file = JSON.parse(text);
  } catch {
    throw new Unreadable("lab.open.not_json");
  }
  if (!isObject(file) || file.format !== FORMAT || !Number.isInteger(file.version)) throw new Unreadable("lab.open.format");
  if (file.version > VERSION) throw new Unreadable("lab.open.newer", { version: file.version, known: VERSION });
  if (file.scenario !== name) {
    const title = typeof file.scenario === "string" && NAME.test(file.scenario) ? file.scenario : "?";
    throw new Unreadable("lab.open.scenario", { title });
  }
  const must = (holds, place) => {
    if (!holds) throw new Unreadable("lab.open.place", { place });
  };
  must(file.version >= 1, "version");
  must(typeof file.taken === "string" && WHEN.test(file.taken) && !Number.isNaN(Date.parse(file.taken)), "taken");
  must(isTime(file.lasted) && file.lasted >= 0, "lasted");
  must(file.dropped === null || isTime(file.dropped), "dropped");
  must(isPlain(file.settings) && isPlain(file.versions), "settings");
  must(isObject(file.said) && [file.said.sentence, file.said.came].every((key) => key === null || VARIANT.test(key)) && isPlain(file.said.values), "said");
  file.said.so ??= []; // files of before have none
  must(Array.isArray(file.said.so) && file.said.so.length <= 4 && file.said.so.every((key) => VARIANT.test(key)), "said.so");
  must(Array.isArray(file.panes) && file.panes.length === panes.length, "panes");
  file.panes.forEach((pane, n) => readPane(pane, panes[n], words, `panes.${n}`, must));
  return file;
};

const readPane = (pane, { id, transport }, words, place, must) => {
  must(isObject(pane) && pane.id === id && pane.transport === transport, `${place}.id`);
  must(typeof pane.client === "string" && pane.client.length <= 100, `${place}.client`);
  must(isNumbers(pane.figures), `${place}.figures`);
  must(pane.measured === null || isMeasured(pane.measured), `${place}.measured`);
  const each = (list, most, holds) => {
    must(Array.isArray(pane[list]) && pane[list].length <= most, `${place}.${list}`);
    pane[list].forEach((one, n) => must(isObject(one) && holds(one), `${place}.${list}.${n}`));
  };
  // Of what the server counted, what is shown; it also holds names.
  pane.measured &&= Object.fromEntries(ROWS.map((name) => [name, pane.measured[name] ?? null]));
  each("heard", MOST_HEARD, (one) => isTime(one.t) && (one.event === undefined ? isState(one, words) : isEvent(one.event)));
  each("wire", MOST_WIRED, (one) => isTime(one.t) && ["in", "out"].includes(one.way) && typeof one.text === "string" && isCount(one.around));
  each("marks", 1000, ({ t, kind }) => isTime(t) && NAME.test(kind) && `lab.mark.${kind}` in words);
  each("downs", 100, ({ from, to }) => isTime(from) && (to === null || isTime(to)));
};

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isTime = (value) => Number.isFinite(value) && Math.abs(value) <= 3_600_000;
const isCount = (value) => Number.isInteger(value) && value >= 0;
const isScalar = (value) => value === null || ["number", "boolean"].includes(typeof value) || (typeof value === "string" && value.length <= 500);
const isKeyed = (value, holds) => isObject(value) && Object.entries(value).length <= 60 && Object.entries(value).every(([key, one]) => /^[A-Za-z][\w-]{0,60}$/.test(key) && holds(one));
const isPlain = (value) => isKeyed(value, isScalar);
const isNumbers = (value) => isKeyed(value, (one) => one === null || Number.isFinite(one));

const isMeasured = (value) => isObject(value) && ROWS.every((name) => value[name] === null || value[name] === undefined || Number.isFinite(value[name]));

const isState = ({ state, detail }, words) =>
  typeof state === "string" && NAME.test(state) && `lab.state.${state}` in words && isObject(detail) &&
  (detail.code === undefined || isCount(detail.code)) && (detail.reason === undefined || (typeof detail.reason === "string" && detail.reason.length <= 500));

// An envelope, as far as the page relies on it.
const isEvent = (event) => {
  if (!isObject(event) || event.type !== "event" || !isCount(event.seq) || !HEARD.includes(event.method)) return false;
  const { params } = event;
  if (!isObject(params) || !Array.isArray(params.namespace) || !isObject(params.data)) return false;
  const { data } = params;
  if (data.error !== undefined && data.error !== null && !(typeof data.error === "string" && data.error.length <= 2000)) return false;
  if (params.node !== undefined && !NAME.test(params.node)) return false;
  if (data.event === "content-block-delta" && !(isObject(data.delta) && (data.delta.type !== "text-delta" || typeof data.delta.text === "string"))) return false;
  return event.method !== "input.requested" || (isObject(data.payload) && typeof data.payload.question === "string");
};
