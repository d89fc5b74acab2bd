// Another site's page, in a hidden frame, calls a server over both transports: one that looks at Origin, and one that does not.
import { Refused } from "../transports/api.js";
import { fill } from "../words.js";

const N_TOKENS = 30;
const FRAME_MS = 15000;

export const origin = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  places: ["opened", "readable", "model_runs"],
  choices: { server: ["unchecked", "checked"] },
  lasts: () => 4000,

  async play(run) {
    const { server, rate, seed } = run.settings;
    const child = await run.child();
    await run.warm(child);
    // The app itself checks; the child has the same endpoints once more, without the check.
    const api = server === "checked" ? new URL(run.api, location.href).href : `${child.api}/traps/unchecked`;
    const frame = await this.frame(run, new URL(child.api));
    run.begin();
    await Promise.all(
      run.panes.map(async (pane) => {
        const id = crypto.randomUUID();
        const ending = pane.transport === "sse" ? "naive" : "socket";
        const url = `${api}/traps/answers/${id}/${ending}?channels=messages&seed=${seed}&rate=${rate}&n_tokens=${N_TOKENS}&first_token_ms=100`;
        pane.write("plan", fill(run.words["scenario.origin.log.asked"], { origin: frame.origin, host: new URL(api).host }));
        pane.state("connecting");
        const { opened, readable } = await frame.attempt(pane, url);
        // What it made the model do is in the server's ledger; of an answer that nobody was let in for, there is none.
        const told = await run.request(`/traps/answers/${id}`, undefined, api).catch((error) => (error.status === 404 ? { model_runs: 0 } : Promise.reject(error)));
        pane.figure("opened", opened);
        pane.figure("readable", readable);
        pane.figure("model_runs", told.model_runs);
        pane.state("left");
        pane.write("tool", run.words[`scenario.origin.log.${readable ? "read" : told.model_runs ? "ran" : "kept_out"}`]);
      }),
    );
  },

  // The frame, served by the child under a name that makes it another site: ports alone would not.
  async frame(run, { port }) {
    const origin = `http://${location.hostname === "localhost" ? "127.0.0.1" : "localhost"}:${port}`;
    const element = Object.assign(document.createElement("iframe"), { src: `${origin}/api/traps/unchecked/frame`, hidden: true, title: "" });
    const waiting = new Map();
    let ready = false;
    const heard = ({ source, origin: from, data }) => {
      if (source !== element.contentWindow || from !== origin) return;
      if (data.ready) ready = true;
      else if (data.found) waiting.get(data.kind).done(data.found);
      else waiting.get(data.kind).pane.hear(JSON.parse(data.text)); // what the other page has read, it passes on
      run.wake();
    };
    window.addEventListener("message", heard);
    run.hold(() => (window.removeEventListener("message", heard), element.remove()));
    document.body.append(element);
    if (!(await run.until(() => ready, FRAME_MS))) throw new Refused("frame", run.words["scenario.origin.no_frame"], 0);
    const attempt = (pane, url) =>
      new Promise((done) => {
        waiting.set(pane.transport, { pane, done });
        element.contentWindow.postMessage({ kind: pane.transport, url }, origin);
      });
    return { origin, attempt };
  },

  outcome(run) {
    const { server } = run.settings;
    const [sse, socket] = run.panes.map(({ figures }) => figures.readable > 0);
    const [asked, opened] = run.panes.map(({ figures }) => figures.model_runs > 0);
    const usual = server === "unchecked" ? socket && !sse && asked : !asked && !opened && !sse && !socket;
    return { came: sse && socket ? "both" : socket ? "websocket" : sse ? "sse" : "neither", sentence: usual ? server : "counted", how: [server], so: so(run, { read: [sse, socket], ran: [asked, opened] }) };
  },
};

const so = ({ settings: { server } }, { read: [sse, socket], ran }) => {
  if (sse || socket) return [sse && socket ? "both" : sse ? "sse" : ran[0] ? "open" : "websocket"];
  if (ran.some(Boolean)) return ["ran"];
  return [server === "checked" ? "closed" : "not_reached"];
};
