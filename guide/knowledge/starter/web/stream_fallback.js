// A WebSocket where the path lets one through, otherwise server-sent events read with fetch: same runs, same commands.
import { attend, delay, epochOf, events, numberOf, refusal, settings } from "./event_stream.js";

// Of close codes; after others, another try may help.
const VERDICTS = { 1000: "lost", 1008: "refused", 4401: "refused", 4404: "forgotten", 4409: "forgotten" };

// hooks.event(event): each new event, once; if it throws, it comes again. hooks.state(state, { tries, most, reason }):
// connecting, open, waiting (for a human), retrying; then completed, stopped, failed, refused, forgotten or lost.
export const start = (prompt, options) => follow(uuid(), prompt, options);
export const resume = (run, options) => follow(run, null, options);
const uuid = () => URL.createObjectURL(new Blob()).slice(-36); // a page of plain http has no crypto.randomUUID

function follow(run, prompt, { thread = "", token = "", hooks }) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const life = new AbortController(); // of all this; request is of one connection
  let [request, timer, heardAt, silence, position, asks] = [null, 0, 0, settings.silence, "0", 0];
  let tries = 1; // connections in a row without a new event, with this one
  const line = (open) => hooks.state((asks = open) > 0 ? "waiting" : "open", {}); // asks: questions without an answer
  const leave = () => [clearTimeout(timer), request?.abort(), (request = null)];
  const close = () => [life.abort(), leave()];
  const finish = (state, reason = "") => [close(), hooks.state(state, { reason })];
  let proven = false; // a WebSocket has brought something here: so its end is a cut, and no sign of a path without
  const post = (url, body, more) => fetch(url, { method: "POST", headers, body: JSON.stringify(body), ...more });

  async function open() {
    leave();
    const mine = (request = new AbortController());
    heard();
    const why = await read(mine.signal).catch((error) => error);
    if (request !== mine) return; // left meanwhile
    leave();
    if (why?.verdict || tries >= settings.tries) return finish(why?.verdict || "lost", why?.message);
    timer = setTimeout(open, delay(++tries, why?.after));
    hooks.state("retrying", { tries, most: settings.tries, reason: why?.message });
  }

  function heard() {
    clearTimeout(timer);
    heardAt = Date.now(); // a dead path says nothing at all; heartbeats that do not come tell
    timer = setTimeout(() => request?.abort(new Error("Nothing came for too long")), silence);
  }

  // Start, stop and answer go by POST on both ways, so they need no open connection.
  async function read(signal) {
    if (prompt !== null) {
      const body = { run, prompt, thread: thread || undefined };
      const started = await post("runs", body, { signal }); // the id is ours: sent again, it starts nothing twice
      if (!started.ok) throw await refusal(started, "refused");
      ({ run, thread } = Object.assign(stream, await started.json()));
      prompt = null;
    }
    if (sessionStorage.getItem("way") !== "sse" && (await readSocket(signal))) return;
    const url = `runs/${run}/events?since=${encodeURIComponent(position)}`;
    const where = { ...headers, "Last-Event-ID": position };
    const answer = await fetch(url, { headers: where, signal, cache: "no-store" });
    if (answer.status === 204) return finish("completed"); // it is over, and all of it was seen
    if (answer.status !== 200) throw await refusal(answer);
    sessionStorage.setItem("way", "sse"); // for good in this page, which need not wait for a WebSocket again
    line(asks);
    for await (const { event, id, data } of events(answer.body, heard)) {
      if (life.signal.aborted || !data.trimStart().startsWith("{")) continue; // [DONE] is no event
      if (event === "ping") silence = JSON.parse(data).heartbeat * 2000 + 5000 || silence;
      else take(id, data);
    }
  }

  // False where none came to be open, so that the other way is taken.
  function readSocket(signal) {
    const socket = new WebSocket(new URL("ws", location.href.replace(/^http/, "ws")));
    return new Promise((resolve, reject) => {
      const hear = async (text) => {
        heard();
        const { type, id = "", heartbeat } = text.trimStart().startsWith("{") ? JSON.parse(text) : { type: "sentinel" };
        if (!proven || type === "ping") line(asks);
        proven = true;
        if (type === "ping") silence = heartbeat * 2000 + 5000 || silence;
        else if (!life.signal.aborted) take(id, text);
      };
      setTimeout(() => proven || resolve(false), settings.opening);
      signal.addEventListener("abort", () => reject(signal.reason));
      const begin = { type: "resume", run, since: position, token: token || undefined };
      socket.onopen = () => socket.send(JSON.stringify(begin));
      socket.onmessage = ({ data }) => hear(data).catch(reject);
      socket.onclose = ({ code, reason }) => {
        const why = Object.assign(new Error(reason || `Close code ${code}`), { verdict: VERDICTS[code] });
        return proven ? reject(why) : resolve(false);
      };
    }).finally(() => socket.close());
  }

  function take(id, data) {
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
    await new Promise((wake) => setTimeout(wake, delay(turn)));
    return command(name, body, turn + 1);
  }

  const [stop, answer] = [() => command("stop", {}), (question, value) => command("answer", { question, value })];
  const stream = { run, thread, close, stop, answer };
  attend(life.signal, leave, open, () => !request || Date.now() - heardAt > silence / 2);
  hooks.state("connecting", {});
  open();
  return stream;
}
