// Three clients of one run: EventSource, a fetch stream, a WebSocket. All are cut once; the server tells what each one sent.
import { cutInMidAnswer } from "./lessons.js";

export const clients = {
  panes: [
    { transport: "sse", client: "EventSource", id: "eventsource" },
    { transport: "sse", client: "fetch", id: "fetch" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { code: ["none", "resume"] },
  fields: ["rate"],
  silence: 3000,

  async play(run) {
    const { code, rate } = run.settings;
    const resume = () => code === "resume";
    const kinds = ["eventsource", "fetch", "socket"];
    const child = await run.child();
    await run.warm(child);
    const thread = await run.thread(child.api);
    const path = `/traps/heads/${thread}/stream/events`;
    // Only fetch takes a header of ours; the other two constructors have no place for one.
    const headers = { Authorization: "Bearer a-token-of-the-lab" };
    await Promise.all(run.panes.map((pane, n) => run.open(pane, { kind: kinds[n], child, thread, path, resume, watched: resume, headers })));
    await run.start(run.panes, { n_tokens: rate * 4 });
    await run.tokens(rate);
    await run.drop("reset");
    await run.settled();
    const heads = await run.request(`/traps/heads/${thread}`, undefined, child.api);
    for (const pane of run.panes) {
      const head = heads[pane.client];
      pane.figure("requests", head.requests);
      pane.figure("posted", head.posted);
      pane.figure("authorized", head.authorized);
    }
  },

  outcome(run) {
    const came = run.panes.filter((pane) => pane.measured.reconnects > 0).map((pane) => pane.id);
    const kinds = { "": "none", eventsource: "eventsource", "eventsource fetch websocket": "all" }; // any other was no choice
    return { came: kinds[came.join(" ")] ?? null, sentence: run.settings.code, how: [run.settings.code], so: so(run, came) };
  },
};

const so = ({ panes }, came) => {
  const uncut = panes.map(cutInMidAnswer).find(Boolean);
  if (uncut) return [uncut];
  const headers = panes.map(({ figures }) => figures.authorized > 0).join(" ");
  const back = { "": "none", eventsource: "eventsource", "eventsource fetch websocket": "all" }[came.join(" ")] ?? "some";
  return [back, ...(headers === "false true false" ? ["header"] : [])];
};
