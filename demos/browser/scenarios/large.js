// A large tool result beside the tokens: in the event stream, fetched apart from it, or on the WebSocket, whole or in parts.
import { CHANNELS } from "../transports/protocol.js";

const BLOB_BYTES = 500_000;
const PART_BYTES = 16_384;
const APART_AT = 15; // tokens: when the run would send it

export const large = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { way: ["whole", "split"] },
  fields: ["rate"],
  lasts: ({ rate }) => 1500 + (60 / rate) * 1000,

  async play(run) {
    const split = run.settings.way === "split";
    const [sse, socket] = run.panes;
    const threads = [await run.thread(), await run.thread()];
    const asks = { channels: `${CHANNELS},custom:blob` };
    await Promise.all([
      run.open(sse, { kind: "eventsource", thread: threads[0], asks, methods: ["custom"] }),
      run.open(socket, { kind: "socket", thread: threads[1], resume: () => true, asks: { channels: asks.channels.split(",") } }),
    ]);
    const whole = { blob_bytes: BLOB_BYTES, n_tokens: 60 };
    await Promise.all([
      run.start([sse], split ? { n_tokens: 60 } : whole),
      run.start([socket], split ? { ...whole, blob_part_bytes: PART_BYTES } : whole),
    ]);
    const fetched = split ? apart(run, sse) : null;
    await run.settled();
    await fetched;
    for (const pane of run.panes) carried(pane);
  },

  outcome(run) {
    const { way } = run.settings;
    const [sse, socket] = run.panes.map((pane) => pane.figures.largest_bytes);
    const came = sse > 100_000 && socket > 100_000 ? "both" : "none";
    return { came, sentence: way, how: ["base", way], so: so(run) };
  },
};

const so = ({ panes: [sse, socket] }) => {
  const whole = [sse, socket].map(({ figures }) => figures.largest_bytes >= BLOB_BYTES);
  if (whole.every(Boolean)) return ["whole"];
  const apart = sse.figures.blob_parts === 1 && socket.figures.blob_parts > 1;
  return [apart && !whole.some(Boolean) ? "split" : "not_blob"];
};

// The tokens go on in their stream while the blob comes on a connection of its own.
async function apart(run, pane) {
  await run.tokens(APART_AT, [pane]);
  const began = performance.now();
  const reading = new AbortController();
  run.hold(() => reading.abort());
  const answer = await fetch(`${run.api}/blob?bytes=${BLOB_BYTES}`, { signal: reading.signal });
  const { length } = await answer.text();
  pane.figure("blob_ms", Math.round((performance.now() - began) * 10) / 10);
  pane.figure("blob_parts", length === BLOB_BYTES ? 1 : 0);
}

// What a stream brought of it: how many parts, from the first to the last, and the largest message of all.
function carried(pane) {
  const parts = pane.heard.filter(([, kind, envelope]) => kind === "event" && envelope.method === "custom");
  const sizes = pane.wire.map(({ text }) => text.length); // all of it is ASCII but for the words of the answer
  pane.figure("largest_bytes", Math.max(...sizes));
  if (!parts.length) return;
  pane.figure("blob_parts", parts.length);
  pane.figure("blob_ms", parts.length > 1 ? Math.round(parts.at(-1)[0] - parts[0][0]) : null);
}
