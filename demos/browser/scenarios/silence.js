// A long silence: the tool says nothing, and the path ends a stream that has been idle for too long. The user's own silence, path
// and heartbeat, made shorter; where one of them is not known, an invented one.
import { seconds } from "../words.js";
import { fate } from "./lessons.js";

const USUAL_SILENCE_S = 300; // where no answer gave one
const USUAL_HEARTBEAT_S = 15;
const USUAL_LIMIT_S = 60;
const LEAST_SILENCE_S = 60; // a shorter one, which nothing in the path ends, would show nothing
const LONGEST_SHOWN_S = 7.5;
const LEAST_BEAT_MS = 60; // the server takes no shorter one than 50
const FASTER = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

// What is shown: the silence (of a very long one the beginning), the limit and the heartbeat, and how much faster, all in seconds.
export const scaled = ({ silence, limit, heartbeat }) => {
  const asked = limit || silence >= LEAST_SILENCE_S ? silence : USUAL_SILENCE_S;
  const beat = heartbeat ?? USUAL_HEARTBEAT_S;
  const ends = limit ?? (asked >= 2 * USUAL_LIMIT_S ? USUAL_LIMIT_S : asked / 3);
  const wanted = Math.min(asked, 6 * ends);
  const fitting = FASTER.filter((times) => (beat * 1000) / times >= LEAST_BEAT_MS);
  const times = fitting.find((times) => wanted / times <= LONGEST_SHOWN_S) ?? fitting.at(-1) ?? 1;
  const part = Math.min(wanted, Math.max(2.5 * ends, LONGEST_SHOWN_S * times));
  const ms = (value) => Math.round((value * 1000) / times);
  return { asked, part, limit: ends, beat, times, silence_ms: ms(part), limit_ms: ms(ends), beat_ms: ms(beat) };
};

const known = ({ numbers: { limit, silence } }) => (limit ? "path" : !silence ? "usual" : silence < LEAST_SILENCE_S ? "short" : "invented");

export const silence = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { heartbeat: ["off", "on", "hidden"], client: ["naive", "right"] },
  aside: (sent) => ({ key: known(sent), values: { ...spoken(scaled(sent.numbers)), by: sent.limit_by, given_s: sent.numbers.silence ?? 0 } }),
  lasts: ({ numbers }) => scaled(numbers).silence_ms + 3500,

  async play(run) {
    const { heartbeat, client, numbers } = run.settings;
    const right = client === "right";
    const shown = scaled(numbers);
    const [sse, socket] = run.panes;
    if (!right) socket.client = "naive";
    const beats = heartbeat !== "off";
    run.silence = 3 * shown.beat_ms; // three heartbeats missed: the page takes the path for dead
    const watched = () => right && beats;
    const asks = { heartbeat_ms: beats ? shown.beat_ms : 0 };
    const thread = await run.thread();
    await run.faults(thread, [{ fault: "idle", idle_ms: shown.limit_ms }], true);
    const comments = heartbeat === "hidden" ? { comments: 1 } : {};
    await Promise.all([
      run.open(sse, { kind: "eventsource", thread, watched, asks: { ...asks, ...comments } }),
      run.open(socket, { kind: "socket", thread, resume: () => right, watched, asks }),
    ]);
    await run.start(run.panes, { silence_ms: shown.silence_ms, n_tokens: 60, rate: 30 });
    await run.settled();
    for (const pane of run.panes) {
      pane.figure("cuts", pane.downs.length - pane.alarms);
      pane.figure("alarms", pane.alarms);
      pane.figure("heartbeats", pane.beats);
    }
    return shown;
  },

  outcome(run, shown) {
    const { heartbeat, client } = run.settings;
    const [sse] = run.panes;
    const { cuts } = sse.figures;
    const came = cuts === 0 ? "never" : cuts === 1 ? "once" : "again";
    return { came, sentence: heartbeat === "on" ? "on" : `${heartbeat}_${client}`, how: ["scale", heartbeat, client], values: spoken(shown), so: so(run) };
  },
};

const so = ({ panes, settings: { heartbeat } }) => {
  const [sse, socket] = panes;
  const cut = panes.map(({ figures }) => figures.cuts > 0);
  if (heartbeat === "off") return cut.every(Boolean) ? ["cut", `sse_${fate(sse)}`, `websocket_${fate(socket)}`] : ["not_cut"];
  if (cut.some(Boolean) || !socket.figures.heartbeats) return ["not_beating"];
  if (sse.figures.heartbeats) return [panes.some(({ figures }) => figures.alarms) ? "not_beating" : "on"];
  return [sse.figures.alarms ? "alarmed" : "unseen"];
};

const rounded = (value) => Number(value.toFixed(1));

// The same in words: as it is, and as it is shown.
export const spoken = ({ asked, part, limit, beat, times, silence_ms, limit_ms, beat_ms }) => ({
  silence_s: asked,
  part_s: rounded(part),
  times,
  shown_s: seconds(silence_ms),
  limit_s: rounded(limit),
  limit_shown_s: seconds(limit_ms),
  beat_s: rounded(beat),
  beat_shown_s: seconds(beat_ms),
});
