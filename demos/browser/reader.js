// An event stream read with fetch: the reader asks for the next piece when it is done with the last. Draws nothing.
// Same shape as the streams of streams.js, without coming back: whoever reads with fetch writes that, too.
class FetchStream {
  constructor(url, hooks, { since = 0, asks = {} } = {}) {
    Object.assign(this, { url, hooks, asks, last: since, watched: () => false });
  }

  async open() {
    this.hooks.state("connecting");
    const reading = (this.reading = new AbortController());
    try {
      const body = JSON.stringify({ channels: CHANNELS.split(","), since: this.last, ...this.asks });
      const answer = await fetch(this.url, { method: "POST", headers: { "Content-Type": "application/json" }, body, signal: reading.signal });
      if (!answer.ok) {
        const { message = `HTTP ${answer.status}` } = await answer.json().catch(() => ({}));
        return this.hooks.state("refused", { reason: message, status: answer.status });
      }
      this.hooks.state("open");
      await this.#read(answer.body.pipeThrough(new TextDecoderStream()).getReader(), reading);
    } catch {
      // Cut, or closed by ourselves: either way nothing more comes.
    }
    if (reading === this.reading) this.hooks.state("closed");
  }

  // A WebSocket's messages come whether somebody waits for them or not. Here nothing is taken before the last is handled,
  // and what is not taken stays in the browser, then in the network, then with the sender.
  async #read(reader, reading) {
    let rest = "";
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const events = `${rest}${piece.value}`.split("\n\n");
      rest = events.pop();
      const handled = events.map((text) => this.#hear(text));
      await Promise.all(handled);
      if (reading !== this.reading) return;
    }
  }

  // One event: its fields, a line each. Comments and `retry` are for the connection.
  #hear(text) {
    this.hooks.heard();
    const data = text.split("\n").filter((line) => line.startsWith("data:"));
    if (!data.length) return this.hooks.beat();
    this.hooks.wire("in", text, text.length - data[0].length + 8);
    const envelope = JSON.parse(data.map((line) => line.slice(5).trimStart()).join("\n"));
    if (envelope.type !== "event") return;
    this.last = Math.max(this.last, envelope.seq);
    return this.hooks.event(envelope);
  }

  revive() {
    this.close();
    this.open();
  }

  close() {
    const { reading } = this;
    this.reading = null;
    reading?.abort();
  }
}
