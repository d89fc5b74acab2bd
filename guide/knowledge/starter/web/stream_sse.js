// Server-sent events with EventSource, and what it lacks: a watchdog, an end, and a way back after one wrong status.
export const settings = { silence: 35_000, pause: 500, tries: 10 }; // silence until the server has said its heartbeat

// hooks.event(event): each new event, once; if it throws, it comes again. hooks.state(state, { tries, most, reason }):
// connecting, open, waiting (for a human), retrying; then completed, stopped, failed, refused, forgotten or lost.
export const start = (prompt, options) => follow(uuid(), prompt, options);
export const resume = (run, options) => follow(run, null, options);
const uuid = () => URL.createObjectURL(new Blob()).slice(-36); // a page of plain http has no crypto.randomUUID
const numberOf = (id) => Number(/\d*$/.exec(id)[0]); // of an id such as 3f2a-17
const epochOf = (id) => id.replace(/\d*$/, ""); // another one is the log of a server that began anew

function follow(run, prompt, { thread = "", hooks }) {
  const headers = { "Content-Type": "application/json" };
  const life = new AbortController(); // of all this; request is of one connection
  let [request, timer, heardAt, silence, position, asks] = [null, 0, 0, settings.silence, "0", 0];
  let tries = 1; // connections in a row without a new event, with this one
  const line = (open) => hooks.state((asks = open) > 0 ? "waiting" : "open", {}); // asks: questions without an answer
  const leave = () => [clearTimeout(timer), request?.abort(), (request = null)];
  const close = () => [life.abort(), leave()];
  const finish = (state, reason = "") => [close(), hooks.state(state, { reason })];
  const post = (url, body, more) => fetch(url, { method: "POST", headers, body: JSON.stringify(body), ...more });

  async function open() {
    leave();
    const mine = (request = new AbortController());
    heard();
    const why = await read(mine.signal).catch((error) => error);
    if (request !== mine) return; // left meanwhile
    leave();
    if (why?.verdict || tries >= settings.tries) return finish(why?.verdict || "lost", why?.message);
    timer = setTimeout(open, pause(++tries, why?.after));
    hooks.state("retrying", { tries, most: settings.tries, reason: why?.message });
  }

  function heard() {
    clearTimeout(timer);
    heardAt = Date.now(); // a dead path says nothing at all; heartbeats that do not come tell
    timer = setTimeout(() => request?.abort(new Error("Nothing came for too long")), silence);
  }

  async function read(signal) {
    if (prompt !== null) {
      const body = { run, prompt, thread: thread || undefined };
      const started = await post("runs", body, { signal }); // the id is ours: sent again, it starts nothing twice
      if (!started.ok) throw await refusal(started, "refused");
      ({ run, thread } = Object.assign(stream, await started.json()));
      prompt = null;
    }
    const url = `runs/${run}/events?since=${encodeURIComponent(position)}`; // a new EventSource sends no Last-Event-ID
    const source = new EventSource(url);
    const over = await new Promise((resolve, reject) => {
      const hear = async (event) => [heard(), take(event)];
      for (const type of ["ping", "token", "tool", "question", "answer", "end"])
        source.addEventListener(type, (event) => hear(event).catch(reject));
      signal.addEventListener("abort", () => reject(signal.reason));
      source.onopen = () => line(asks);
      source.onerror = () => resolve(source.readyState === EventSource.CLOSED);
    }).finally(() => source.close());
    if (!over) return;
    const answer = await fetch(url, { signal, cache: "no-store" }); // EventSource does not say which status it met
    if (answer.status === 204) return finish("completed"); // it is over, and all of it was seen
    if (answer.status !== 200) throw await refusal(answer);
  }

  function take({ type, lastEventId: id, data }) {
    if (life.signal.aborted || !data.trimStart().startsWith("{")) return; // a sentinel is no event
    if (type === "ping") return void (silence = JSON.parse(data).heartbeat * 2000 + 5000 || silence);
    if (numberOf(position) && numberOf(id) && epochOf(id) !== epochOf(position)) return finish("forgotten");
    if (numberOf(id) <= numberOf(position)) return; // it came twice
    const event = JSON.parse(data);
    hooks.event(event);
    [position, tries] = [id, 0]; // seen is what was handled
    if (event.type === "question" || event.type === "answer") line(asks + (event.type === "question" ? 1 : -1));
    if (event.type === "end") finish(event.status, event.reason);
  }

  // Whether the server took it. What follows comes on the stream; to close that would not end the run.
  async function command(name, body, turn = 1) {
    const told = prompt === null && (await post(`runs/${run}/${name}`, body, { keepalive: true }).catch(() => null));
    if (told && told.status < 500 && told.status !== 429) return told.ok;
    if (turn === settings.tries || life.signal.aborted) return false;
    await new Promise((wake) => setTimeout(wake, pause(turn)));
    return command(name, body, turn + 1);
  }

  const [stop, answer] = [() => command("stop", {}), (question, value) => command("answer", { question, value })];
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

// What an answer that is no stream means. verdict: how it ends, "" where another try may help. after: seconds to wait.
async function refusal(answer, busy = "forgotten") {
  const { status, headers } = answer;
  const known = { 404: "forgotten", 409: busy, 410: "forgotten", 408: "", 425: "", 429: "" };
  const verdict = known[status] ?? (status >= 400 && status < 500 ? "refused" : "");
  const why = await answer.json().then(({ detail }) => detail.trim()).catch(() => `HTTP ${status}`);
  return Object.assign(new Error(why), { verdict, after: Number(headers.get("Retry-After")) || 0 });
}

// Doubling, with chance in it, so that a thousand pages do not come back in the same moment.
const pause = (tries, after = 0) =>
  Math.max(Math.min(30_000, settings.pause * 2 ** (tries - 1)) * (0.5 + Math.random() / 2), Math.min(30, after) * 1000);
