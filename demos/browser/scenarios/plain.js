// Side by side: one run in both panes, or a run in each; a person cuts and stops it by hand.
import { cutInMidAnswer, fate } from "./lessons.js";

export const plain = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { mode: ["one", "two"] },
  actions: ["drop", "stop", "resume"],
  fields: ["question", "rate", "approve"],
  next: ({ mode }) => (mode === "one" ? "drop" : "stop"), // the button that a person wants once the run is on

  async play(run) {
    const [sse, socket] = run.panes;
    const first = await run.thread();
    const second = run.settings.mode === "two" ? await run.thread() : first;
    // Both listen before the agent is asked, so that nobody has a head start.
    await Promise.all([run.open(sse, { kind: "eventsource", thread: first }), run.open(socket, { kind: "socket", thread: second })]);
    await run.start();
    await run.settled();
    if (socket.kind === "closed") socket.client = "naive"; // nobody's code brought it back
    if (run.stopAt === null) return;
    for (const pane of run.panes) {
      // A pane that had its end already was not stopped.
      pane.figure("stop_ms", pane.endedAt === null || pane.endedAt < run.stopAt ? null : Math.round(pane.endedAt - run.stopAt));
      pane.figure("after_stop", pane.tokens - pane.hadAtStop);
    }
  },

  outcome(run) {
    const [sse, socket] = run.panes.map((pane) => pane.measured);
    const cut = run.dropped && socket.reconnects + sse.reconnects + socket.lost > 0;
    const same = run.settings.mode === "one" && sse.lost + socket.lost === 0;
    const whole = sse.tokens + socket.tokens === 0 ? "nothing" : run.settings.approve ? "approve" : same ? "plain" : "each";
    const sentence = run.stopAt !== null ? "stop" : cut ? (socket.lost > 0 ? "naive" : "drop") : whole;
    const how = [run.settings.mode];
    if (run.dropped) how.push(run.panes[1].client === "naive" ? "drop_naive" : "drop");
    if (run.stopAt !== null) how.push("stop");
    if (run.settings.approve) how.push("approve");
    return { came: sooner(sse.first_token_ms, socket.first_token_ms), sentence, how, so: so(run, cut) };
  },
};

const so = ({ panes, stopAt, settings: { approve } }, cut) => {
  const fates = panes.map(fate);
  if (stopAt !== null) {
    if (panes.every(({ figures }) => figures.stop_ms === null)) return ["not_late"];
    return [panes.some((pane) => !pane.hadAtStop) ? "not_early" : "stop"];
  }
  if (panes.every((pane) => !pane.measured.tokens)) return ["not_empty"];
  if (cut) return panes.map(cutInMidAnswer).find(Boolean) === "not_early" ? ["not_cut_early"] : [`sse_${fates[0]}`, `websocket_${fates[1]}`];
  if (fates.some((one) => one !== "whole")) return ["not_whole"];
  return [approve ? "approve" : "same"];
};

// Whose first token came sooner; a pane without one is not the sooner. Nothing to judge where none came.
const sooner = (sse, socket) => {
  if (sse === null && socket === null) return null;
  const ahead = (socket ?? Infinity) - (sse ?? Infinity);
  return Math.abs(ahead) <= 20 ? "same" : ahead > 0 ? "sse" : "websocket";
};
