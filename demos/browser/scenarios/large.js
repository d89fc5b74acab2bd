// A large tool result beside the tokens: in the event stream, fetched apart from it, or on the WebSocket, whole or in parts.
const BLOB_BYTES = 500_000;
const PART_BYTES = 16_384;
const APART_AT = 15; // tokens: when the run would send it

SCENARIOS.large = {
  panes: [
    { transport: "sse", client: "EventSource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { way: ["whole", "split"] },
  fields: ["rate"],
  lasts: ({ rate }) => 1500 + (60 / rate) * 1000,

  async run(stage) {
    const split = stage.settings.way === "split";
    const [sse, socket] = stage.panes;
    const threads = [await stage.thread(), await stage.thread()];
    const asks = { channels: `${CHANNELS},custom:blob` };
    await Promise.all([
      stage.open(sse, { kind: "eventsource", thread: threads[0], asks, methods: ["custom"] }),
      stage.open(socket, { kind: "socket", thread: threads[1], resume: () => true, asks: { channels: asks.channels.split(",") } }),
    ]);
    const whole = { blob_bytes: BLOB_BYTES, n_tokens: 60 };
    await Promise.all([
      stage.start([sse], split ? { n_tokens: 60 } : whole),
      stage.start([socket], split ? { ...whole, blob_part_bytes: PART_BYTES } : whole),
    ]);
    const fetched = split ? apart(stage, sse) : null;
    await stage.settled();
    await fetched;
    for (const pane of stage.panes) carried(pane);
  },

  outcome(stage) {
    const { way } = stage.settings;
    const [sse, socket] = stage.panes.map((pane) => pane.figures.largest_bytes);
    const came = sse > 100_000 && socket > 100_000 ? "both" : "none";
    return { came, sentence: way, how: ["base", way] };
  },
};

// The tokens go on in their stream while the blob comes on a connection of its own.
async function apart(stage, pane) {
  await stage.tokens(APART_AT, [pane]);
  const began = performance.now();
  const reading = new AbortController();
  stage.hold(() => reading.abort());
  const answer = await fetch(`${stage.api}/blob?bytes=${BLOB_BYTES}`, { signal: reading.signal });
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
