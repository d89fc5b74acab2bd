// What the wall shows in each phase but those with findings: a title, elements, and how they follow the state.
import { part, put } from "../view/elements.js";
import { signed } from "./charts/draw.js";
import { percent } from "./charts/scale.js";
import { timelineDrawing } from "./charts/timeline.js";
import { stepTitle } from "./screen.js";

const STEP_MS = 200; // of the live picture
const REDRAW_MS = 500;
const LONGEST_MS = 60000;
const TRANSPORTS = ["sse", "websocket"];

/**
 * @typedef {import("./screen.js").PageData & { state: any, wifi: string }} Given
 * @typedef {{ title: string, nodes: Node[], status?: string, alone?: boolean, update?: (state: any) => void, end?: () => void }} View
 */

/** What may be expected of a round, in the order of the words. @param {Record<string, string>} words @param {string} round */
export const choicesOf = (words, round) => {
  const start = `room.round.${round}.predict.`;
  return Object.keys(words).filter((key) => key.startsWith(start)).map((key) => ({ id: key.slice(start.length), label: words[key] }));
};

/** @param {Given} given @returns {View} */
const lobby = ({ say, wifi }) => {
  const steps = part("ol", "", "how");
  const lines = [wifi ? say("room.wall.wifi", { name: wifi }) : say("room.wall.network"), say("room.wall.scan"), say("room.wall.wait")];
  steps.append(...lines.map((line) => part("li", line)));
  return { title: say("room.wall.join"), nodes: [steps, part("p", say("room.wall.privacy"), "soft")], alone: true };
};

/** @param {Given} given @returns {View} */
const predict = ({ say, some, words, state: { step } }) => {
  const options = part("ul", "", "options");
  options.append(...choicesOf(words, step.round).map(({ label }) => part("li", label)));
  const count = part("p", "", "count");
  return {
    title: say(`room.round.${step.round}.title`),
    status: say(`room.round.${step.round}.predict`),
    nodes: [part("p", say(`room.round.${step.round}.predict`), "question"), options, count],
    update: ({ counts, people }) => put(count, some("room.count.predicted", counts.predicted, { all: Math.max(people, counts.predicted) })),
  };
};

/** Shares at even times, of what came at uneven ones: the lowest since the time before, so that no short drop is left out. @param {{ t: number, sse: number, websocket: number }[]} heard @param {number} now */
export const evenShares = (heard, now) => {
  const shares = { step_ms: STEP_MS, cut_ms: null, sse: [], websocket: [] };
  if (!heard.length) return shares;
  const first = Math.max(heard[0].t, now - LONGEST_MS);
  for (let t = first, n = 0; t <= now; t += STEP_MS) {
    const since = n;
    while (n + 1 < heard.length && heard[n + 1].t <= t) n += 1;
    const news = heard.slice(Math.min(since + 1, n), n + 1);
    for (const transport of TRANSPORTS) shares[transport].push(Math.min(...news.map((one) => one[transport])));
  }
  return shares;
};

const lane = (transport, say) => {
  const box = part("div", "", `lane ${transport}`);
  const name = part("p", "", "name");
  name.append(signed(transport), ` ${say(`room.transport.${transport}`)}`);
  const share = part("p", "–", "share");
  box.append(name, share, part("p", say("room.wall.connected")));
  return { box, share };
};

/** @param {Given} given @returns {View} */
const running = ({ say, some, words, state: { step } }) => {
  const lanes = TRANSPORTS.map((transport) => lane(transport, say));
  const [tokens, count, picture] = [part("p", "0", "share"), part("p", "", "count"), part("div", "", "picture")];
  const told = part("div", "", "lane tokens");
  told.append(part("p", say("room.wall.tokens_name"), "name"), tokens, part("p", say("room.wall.tokens")));
  const row = part("div", "", "lanes");
  row.append(...lanes.map(({ box }) => box), told);
  const heard = [];
  const draw = () => {
    if (!heard.length) return;
    const data = evenShares(heard, performance.now());
    picture.replaceChildren(timelineDrawing({ data, width: 640, height: 205, label: say("room.chart.connected"), least: 10000, words }));
  };
  draw();
  const redrawn = setInterval(draw, REDRAW_MS);
  return {
    title: say(`room.round.${step.round}.title`),
    nodes: [part("p", say(`room.round.${step.round}.watch`), "question"), row, picture, count],
    update: ({ phase, counts, people, live }) => {
      put(count, phase === "arming" ? some("room.count.ready", counts.ready, { all: Math.max(people, counts.ready) }) : "");
      if (!live) return;
      heard.push({ t: performance.now(), sse: live.sse, websocket: live.websocket });
      if (heard.length === 1) draw();
      lanes.forEach(({ share }, n) => put(share, `${percent(live[TRANSPORTS[n]])} %`));
      put(tokens, String(live.tokens));
    },
    end: () => clearInterval(redrawn),
  };
};

/** How many of the room, in large figures and as a sentence. @param {Given} given */
const tally = ({ say }, name) => {
  const large = part("p", "", "large");
  const update = ({ counts, people }) => put(large, say("room.wall.of", { n: counts[name], all: Math.max(people, counts[name]) }));
  return { nodes: [large, part("p", say(`room.wall.large.${name}`), "count")], update };
};

/** @param {Given} given @returns {View} */
const collecting = (given) => ({ title: given.say("room.wall.collecting"), ...tally(given, "received") });

/** @param {Given} given @returns {View} */
const ask = (given) => {
  const { nodes, update } = tally(given, "answered");
  const { say, state } = given;
  return { title: stepTitle(given, state.step), nodes: [part("p", say("room.wall.ask"), "question"), ...nodes], update };
};

/** @param {Given} given @returns {View} */
const talk = ({ say, state: { step } }) => ({
  title: say(`room.talk.${step.name}.title`),
  nodes: [part("p", say(`room.talk.${step.name}.text`), "question")],
});

/** @param {Given} given @returns {View} */
const failed = ({ say, state }) => ({
  title: say("room.wall.failed"),
  nodes: [part("p", state.failed ?? "", "question"), part("p", say("room.wall.failed_wait"))],
});

/** @param {Given} given @returns {View} */
const ended = ({ say }) => ({ title: say("room.wall.ended"), nodes: [part("p", say("room.wall.ended_text"), "question")], alone: true });

export const PHASES = {
  lobby,
  predict,
  running,
  collecting,
  ask,
  talk,
  failed,
  ended,
};
