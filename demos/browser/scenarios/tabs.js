// The seventh tab: seven event streams, seven fetch streams, seven WebSockets, one kind after the other, to a server of its own.
import { Seven } from "../transports/many_tabs.js";
import { fill, seconds } from "../words.js";

export const tabs = {
  panes: [
    { transport: "sse", client: "EventSource", id: "eventsource" },
    { transport: "sse", client: "fetch", id: "fetch" },
    { transport: "websocket", client: "WebSocket", id: "socket" },
  ],
  places: ["opened", "hanging", "seventh_ms", "let_in_ms"],
  bad: ["hanging"],
  patience: 3000, // ms
  lasts: () => 10000,

  async play(run) {
    const child = await run.child();
    const thread = await run.thread(child.api);
    run.begin();
    for (const pane of run.panes) {
      pane.state("connecting");
      run.changed(`opening.${pane.id}`);
      const seven = new Seven(pane.id, `${child.api}/threads/${thread}/stream/events?channels=messages`, this.patience, () => this.draw(pane, seven, run.words));
      // A connection that hangs raises no event: a timer has to look.
      const timer = setInterval(() => this.draw(pane, seven, run.words), 100);
      run.hold(() => (clearInterval(timer), seven.close()));
      const figures = await seven.run();
      clearInterval(timer);
      for (const [name, value] of Object.entries(figures)) pane.figure(name, value && Math.round(value));
      pane.state("ended");
      await run.wait(0); // rejects when the run was given up meanwhile
    }
  },

  draw(pane, { slots }, words) {
    const now = performance.now();
    const key = ({ opened, failed, closed }) => (closed ? (opened ? "closed" : "never") : opened ? "open" : failed ? "failed" : "hangs");
    const lines = slots.map((slot) => Object.assign(document.createElement("li"), { className: `${key(slot)}${slot.opened - slot.asked > 1000 ? " late" : ""}`, textContent: fill(words[`scenario.tabs.slot.${key(slot)}`], { ms: Math.round((slot.opened ?? 0) - slot.asked), s: seconds(now - slot.asked) }) }));
    const list = Object.assign(document.createElement("ol"), { className: "slots" });
    list.append(...lines);
    pane.text.replaceChildren(list);
    const last = slots[6];
    if (!last || last.closed) return;
    if (last.opened) return pane.kind !== "open" && (pane.state("open"), pane.marked("back", last.opened));
    if (now - last.asked < 300 || pane.kind === "reconnecting") return;
    pane.state("reconnecting");
    pane.since = pane.downs.at(-1).from = last.asked;
  },

  outcome(run) {
    const { opened, hanging, let_in_ms } = run.panes[0].figures;
    return { came: hanging ? "hangs" : opened < 7 ? "fails" : "seven", sentence: let_in_ms === null ? "open" : "hangs", so: so(run) };
  },
};

const so = ({ panes }) => {
  const [source, byFetch, socket] = panes.map(({ figures }) => figures);
  // Six fit for certain, and so do seven WebSockets: fewer had no time to open.
  if (Math.min(source.opened, byFetch.opened) < 6 || socket.opened < 7) return ["not_opened"];
  if (source.hanging || byFetch.hanging) return [source.hanging && byFetch.hanging ? "hangs" : source.hanging ? "source_hangs" : "fetch_hangs"];
  return [source.opened === 7 ? "seven" : "fails"];
};
