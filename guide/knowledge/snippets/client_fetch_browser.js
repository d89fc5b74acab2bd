// Server-sent events in a browser, read with fetch: for requests that must carry an Authorization header.
//
// Requires: nothing. Server: server_sse_fastapi.py or server_sse_starlette.py. From another origin, the server must allow
//           that origin and the headers Authorization and Last-Event-ID.
// Use:      import { ask } from "./client_fetch_browser.js";
//           const answer = await ask("Why a heartbeat?", {
//             text: (text) => document.body.append(text),
//             ended: (status) => console.log(status), // completed, stopped, failed, refused, or lost
//           }, { authorization: () => `Bearer ${token}` }); // asked for each request, since tokens expire
//           answer.stop(); // ends the run. answer.close() ends the listening only.

const SILENCE_MS = 35_000; // two heartbeats and a bit: then the path is taken for dead
const MOST_TRIES = 10;

export async function ask(prompt, hooks, { authorization, base = "", silence = SILENCE_MS }) {
  const headers = { "Content-Type": "application/json", Authorization: await authorization() };
  // Not repeated by itself: nobody knows whether a start that got no answer has started something.
  const started = await fetch(`${base}/runs`, { method: "POST", headers, body: JSON.stringify({ prompt }) });
  if (!started.ok) throw new Error(`The run did not start: HTTP ${started.status}`);
  return new Answer(`${base}/runs/${(await started.json()).run}`, hooks, authorization, silence);
}

class Answer {
  #url; #hooks; #authorization; #silence; #timer;
  #request = new AbortController();
  #seen = 0;
  #tries = 0;
  #over = false;

  constructor(url, hooks, authorization, silence) {
    [this.#url, this.#hooks, this.#authorization, this.#silence] = [url, hooks, authorization, silence];
    this.#listen();
  }

  async #listen() {
    while (!this.#over) {
      await this.#read().catch(() => {}); // cut, refused, or silent for too long
      this.#request.abort();
      if (this.#over) return;
      if (this.#tries === MOST_TRIES) return this.#finish("lost");
      await pause(this.#tries++);
    }
  }

  async #read() {
    this.#request = new AbortController();
    this.#watch();
    const headers = { Authorization: await this.#authorization(), "Last-Event-ID": String(this.#seen) };
    const answer = await fetch(`${this.#url}/events`, { headers, signal: this.#request.signal, cache: "no-store" });
    if (/^4(?!08|25|29)/.test(answer.status)) this.#finish("refused"); // those three may be another answer next time
    if (answer.status !== 200) return;
    const parser = new Parser();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let chunk = await reader.read(); !chunk.done && !this.#over; chunk = await reader.read()) {
      this.#watch();
      for (const event of parser.feed(chunk.value)) this.#take(event);
    }
  }

  #take({ id, data }) {
    this.#tries = 0;
    if (this.#over || !(Number(id) > this.#seen)) return; // a ping has no id
    this.#seen = Number(id);
    const event = JSON.parse(data);
    if (event.type === "token") this.#hooks.text(event.text);
    else this.#finish(event.status);
  }

  // A dead path says nothing at all. Heartbeats that do not come tell.
  #watch() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#request.abort(), this.#silence);
  }

  #finish(status) {
    this.close();
    this.#hooks.ended(status);
  }

  close() {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#request.abort();
  }

  // Aborting the request would not end the run. Its last event still comes on the stream.
  async stop() {
    for (let tries = 0; !this.#over && tries < MOST_TRIES; tries++) {
      const headers = { Authorization: await this.#authorization() };
      const answer = await fetch(`${this.#url}/stop`, { method: "POST", headers, keepalive: true }).catch(() => null);
      if (answer && answer.status < 500) return;
      await pause(tries);
    }
  }
}

// The event stream format of the HTML standard. Half an event at the end is dropped: it comes again.
export class Parser {
  #rest = "";
  #fields = {};

  *feed(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    for (const line of lines) {
      const [name, value] = line.split(/: ?(.*)/s);
      if (line) this.#fields[name] = name === "data" && name in this.#fields ? `${this.#fields.data}\n${value}` : (value ?? "");
      else {
        if ("data" in this.#fields) yield this.#fields;
        this.#fields = {};
      }
    }
  }
}

// Doubling, with chance in it, so that a thousand pages do not come back in the same moment.
const pause = (tries) =>
  new Promise((wake) => setTimeout(wake, Math.min(30_000, 500 * 2 ** tries) * (0.5 + Math.random() / 2)));
