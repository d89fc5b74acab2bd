// A long silence: the tool says nothing, and the path ends a stream that has been idle for too long. The user's own silence, made shorter.
import { seconds } from "../words.js";

const USUAL_SILENCE_S = 60; // where no answer gave one
const LONGEST_SHOWN_S = 7.5;
const FASTER = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

// What is shown of a silence of so many seconds: how much faster, and the times that follow from it, in milliseconds.
export const shorter = (silence) => {
  const times = FASTER.find((times) => silence / times <= LONGEST_SHOWN_S) ?? FASTER.at(-1);
  const ms = (share) => Math.round((silence * 1000 * share) / times);
  return { silence, times, silence_ms: ms(1), limit_ms: ms(1 / 4), beat_ms: ms(1 / 12) };
};

export const silence = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { heartbeat: ["off", "on", "hidden"], client: ["naive", "right"] },
  aside: ({ numbers }) => ({ key: numbers.silence ? "yours" : "usual", values: spoken(shorter(numbers.silence ?? USUAL_SILENCE_S)) }),
  lasts: ({ numbers }) => shorter(numbers.silence ?? USUAL_SILENCE_S).silence_ms + 3500,

  async play(run) {
    const { heartbeat, client, numbers } = run.settings;
    const right = client === "right";
    const shown = shorter(numbers.silence ?? USUAL_SILENCE_S);
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
    return { came, sentence: heartbeat === "on" ? "on" : `${heartbeat}_${client}`, how: ["scale", heartbeat, client], values: spoken(shown) };
  },
};

const rounded = (value) => Number(value.toFixed(1));

// The same in words: as it is, and as it is shown.
export const spoken = ({ silence, times, silence_ms, limit_ms, beat_ms }) => ({
  silence_s: silence,
  times,
  shown_s: seconds(silence_ms),
  limit_s: rounded(silence / 4),
  limit_shown_s: seconds(limit_ms),
  beat_s: rounded(silence / 12),
  beat_shown_s: seconds(beat_ms),
});
