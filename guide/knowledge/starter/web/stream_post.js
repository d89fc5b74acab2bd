// One POST whose response is the event stream. After a cut it is not asked again unseen: the model would be paid again.
import { events, refusal, settings } from "./event_stream.js";

// hooks.event(event): each event. hooks.state(state, { reason }): connecting (the text begins anew), open, waiting (for
// a human); at the end completed, stopped, failed, refused, or lost (cut, so the answer is not whole).
export function start(messages, { answers = [], token = "", hooks }) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  let [request, timer, silence] = [null, 0, settings.silence];
  const leave = () => [clearTimeout(timer), request?.abort(), (request = null)];
  const tell = (now, reason = "") => hooks.state(now, { reason });
  const finish = (now, reason) => [leave(), tell(now, reason)];

  async function open() {
    leave();
    const mine = (request = new AbortController());
    tell("connecting");
    heard();
    const why = await read(mine.signal).catch((error) => error);
    if (request === mine) finish(why && "verdict" in why ? "refused" : "lost", why?.message);
  }

  function heard() {
    clearTimeout(timer); // a dead path says nothing at all; heartbeats that do not come tell
    timer = setTimeout(() => request?.abort(new Error("Nothing came for too long")), silence);
  }

  async function read(signal) {
    const options = { method: "POST", headers, body: JSON.stringify({ messages, answers }), signal };
    const answer = await fetch("answers", options);
    if (answer.status !== 200) throw await refusal(answer);
    tell("open");
    for await (const { event: kind, data } of events(answer.body, heard)) {
      if (signal.aborted || !data.trimStart().startsWith("{")) continue; // a sentinel such as [DONE] is no event
      const event = JSON.parse(data);
      if (kind === "ping") silence = event.heartbeat * 2000 + 5000 || silence;
      else if (event.type !== "end") hooks.event(event);
      else if (event.status === "waiting") return [leave(), tell("waiting")]; // for answer() below
      else return finish(event.status, event.reason);
    }
  }

  addEventListener("pagehide", () => request && finish("lost", "The page was left")); // it may come back from the cache
  open();
  return {
    close: leave,
    stop: async () => [finish("stopped")].length > 0, // the server stops the model of a response that nobody reads
    answer: async (question, value) => {
      answers = [...answers, { question, value }];
      return [open()].length > 0;
    },
  };
}
