// One client reads one run without a page of the lab, and notes what came: how a browser's clients are measured headless.
// Opens the stream, starts the run, has it cut once after so many tokens. Resolves with what a receipt holds.
import { request } from "../transports/api.js";
import { FetchStream } from "../transports/fetch.js";
import { EventSourceStream, SocketStream } from "../transports/streams.js";

export const readAlone = async (api, thread, name, start, resumes, cut) => {
  const clients = { EventSource: EventSourceStream, fetch: FetchStream, WebSocket: SocketStream };
  const notes = { at: [], seq: [], token: [], reconnects: 0, finished: false, started: 0 };
  const now = () => Math.round(performance.now() * 10) / 10;
  const post = (path, body) => request(`${api}/threads/${thread}${path}`, body, {});
  let tokens = 0;
  const over = Promise.withResolvers();
  const hooks = { heard() {}, beat() {}, wire() {}, tried() {}, back: () => (notes.reconnects += 1) };
  hooks.state = (kind, { reason = "" } = {}) => {
    if (kind === "refused") over.reject(new Error(reason));
    if (kind === "closed" || kind === "gone") over.resolve();
    if (kind !== "open" || notes.started) return;
    notes.started = now();
    post("/commands", start).catch(over.reject);
  };
  hooks.event = ({ seq, method, params: { node, namespace, data } }) => {
    const token = method === "messages" && node === "answer" && data.delta?.type === "text-delta";
    notes.at.push(now());
    notes.seq.push(seq);
    notes.token.push(token);
    if (token) tokens += 1;
    if (token && tokens === cut) post("/drop", { how: "reset" }).catch(over.reject);
    if (method !== "lifecycle" || namespace.length || !["completed", "failed"].includes(data.event)) return;
    notes.finished = true;
    stream.close();
    over.resolve();
  };
  const headers = { Authorization: "Bearer a-token-of-the-lab" };
  const stream = new clients[name](`${api}/traps/heads/${thread}/stream/events`, hooks, { headers, resume: () => resumes });
  stream.open();
  await over.promise;
  return notes;
};
