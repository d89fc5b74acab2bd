// A WebSocket, and what it lacks: a watchdog, a way back after a cut, and commands that survive one.
export const settings = { silence: 35_000, pause: 500, tries: 10 }; // silence until the server has said its heartbeat
const VERDICTS = { 1000: "lost", 1008: "refused", 4401: "refused", 4404: "forgotten" }; // of close codes

// hooks.event(event): each new event, once; if it throws, it comes again. hooks.state(state, { tries, most, reason }):
// connecting, open, waiting (for a human), retrying; then completed, stopped, failed, refused, forgotten or lost.
export const start = (prompt, options) => follow(uuid(), prompt, options);
export const resume = (run, options) => follow(run, null, options);
const uuid = () => URL.createObjectURL(new Blob()).slice(-36); // a page of plain http has no crypto.randomUUID
const numberOf = (id) => Number(/\d*$/.exec(id)[0]); // of an id such as 3f2a-17
const epochOf = (id) => id.replace(/\d*$/, ""); // another one is the log of a server that began anew

function follow(run, prompt, { thread = "", token = "", hooks }) {
  const life = new AbortController(); // of all this; request is of one connection
  let [request, timer, heardAt, silence, position, asks] = [null, 0, 0, settings.silence, "0", 0];
  let tries = 1; // connections in a row without a new event, with this one
  const line = (open) => hooks.state((asks = open) > 0 ? "waiting" : "open", {}); // asks: questions without an answer
  const leave = () => [clearTimeout(timer), request?.abort(), (request = null)];
  const close = () => [life.abort(), leave()];
  const finish = (state, reason = "") => [close(), hooks.state(state, { reason })];
  const owed = new Map(); // commands that no event has confirmed: said again on the next connection
  let say = (_message) => {};

  async function open() {
    leave();
    const mine = (request = new AbortController());
    heard();
    const why = await read(mine.signal).catch((error) => error);
    if (request !== mine) return; // left meanwhile
    leave();
    if (why.verdict || tries >= settings.tries) return finish(why.verdict || "lost", why.message);
    // Doubling, with chance in it, so that a thousand pages do not come back in the same moment.
    timer = setTimeout(open, Math.min(30_000, settings.pause * 2 ** tries++) * (0.5 + Math.random() / 2));
    hooks.state("retrying", { tries, most: settings.tries, reason: why.message });
  }

  function heard() {
    clearTimeout(timer);
    heardAt = Date.now(); // a dead path says nothing at all; heartbeats that do not come tell
    timer = setTimeout(() => request?.abort(new Error("Nothing came for too long")), silence);
  }

  function read(signal) {
    const socket = new WebSocket(new URL("ws", location.href.replace(/^http/, "ws")));
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      socket.onopen = () => {
        say = (message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
        // The id of the run is ours, so a start that is sent again after a cut starts nothing twice.
        const fresh = prompt !== null && position === "0" && { type: "start", prompt, thread: thread || undefined };
        say({ ...(fresh || { type: "resume", since: position }), run, token: token || undefined });
        owed.forEach((message) => say(message));
        line(asks);
      };
      const hear = async ({ data }) => [heard(), take(data)];
      socket.onmessage = (event) => hear(event).catch(reject);
      socket.onclose = ({ code, reason }) => {
        const verdict = code === 4409 ? (position === "0" ? "refused" : "forgotten") : VERDICTS[code];
        reject(Object.assign(new Error(reason || `Close code ${code}`), { verdict }));
      };
    }).finally(() => socket.close());
  }

  function take(data) {
    if (life.signal.aborted || !String(data).trimStart().startsWith("{")) return; // a sentinel is no event
    const event = JSON.parse(data);
    const id = String(event.id ?? event.seq ?? "");
    if (event.type === "ping") {
      stream.thread = event.thread ?? stream.thread;
      silence = event.heartbeat * 2000 + 5000 || silence;
      return line(asks);
    }
    if (numberOf(position) && numberOf(id) && epochOf(id) !== epochOf(position)) return finish("forgotten");
    if (numberOf(id) <= numberOf(position)) return; // it came twice
    hooks.event(event);
    [position, tries] = [id, 0]; // seen is what was handled
    if (event.type === "question" || event.type === "answer") line(asks + (event.type === "question" ? 1 : -1));
    owed.delete(event.question);
    if (event.type === "end") finish(event.status, event.reason);
  }

  // It is said again after a cut. What follows comes as an event; to close the socket would not end the run.
  const command = async (key, message) => [owed.set(key, message), say(message)].length > 0;
  const stop = () => command("stop", { type: "stop" });
  const answer = (question, value) => command(question, { type: "answer", question, value });
  const stream = { run, thread, close, stop, answer };
  // A page in the back/forward cache would keep its connection. One that is seen or online again asks at once.
  const on = (target, name, act) => target.addEventListener(name, act, { signal: life.signal });
  on(window, "pagehide", leave);
  on(window, "pageshow", (event) => event.persisted && open());
  on(window, "online", open);
  on(document, "visibilitychange", () => document.hidden || (request && Date.now() - heardAt < silence / 2) || open());
  hooks.state("connecting", {});
  open();
  return stream;
}
