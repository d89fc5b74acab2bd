// One POST whose response is the event stream, read with fetch. Nothing is resumed: after a cut the user may ask again.
//
// Requires: client_fetch_browser.js beside this file, for its parser. Server: server_post_fastapi.py.
// Use:      import { ask } from "./client_post_browser.js";
//           const answer = await ask("Why a heartbeat?", {
//             text: (text) => document.body.append(text),
//             ended: (status) => console.log(status), // completed, failed, stopped, refused, or lost
//           }, { before: [{ role: "user", content: "Hello" }, { role: "assistant", content: "Hi." }] });
//           answer.stop(); // closes the response, and the server stops the model

import { Parser } from "./client_fetch_browser.js";

const SILENCE_MS = 35_000; // two heartbeats and a bit: then the path is taken for dead

export async function ask(prompt, hooks, { before = [], authorization = () => null, base = "", silence = SILENCE_MS } = {}) {
  const answer = new Answer(hooks, silence);
  const token = await authorization();
  const headers = { "Content-Type": "application/json", ...(token ? { Authorization: token } : {}) };
  const body = JSON.stringify({ messages: [...before, { role: "user", content: prompt }] });
  answer.read(`${base}/answers`, { method: "POST", headers, body, cache: "no-store" });
  return answer;
}

class Answer {
  #hooks; #silence; #timer;
  #request = new AbortController();
  #over = false;

  constructor(hooks, silence) {
    [this.#hooks, this.#silence] = [hooks, silence];
  }

  async read(url, request) {
    this.#watch();
    try {
      const answer = await fetch(url, { ...request, signal: this.#request.signal });
      const kind = answer.headers.get("Content-Type") ?? "";
      if (answer.status !== 200 || !kind.startsWith("text/event-stream")) return this.#finish("refused");
      const parser = new Parser();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let chunk = await reader.read(); !chunk.done && !this.#over; chunk = await reader.read()) {
        this.#watch();
        for (const event of parser.feed(chunk.value)) this.#take(JSON.parse(event.data));
      }
    } catch {
      // cut, or silent for too long
    }
    // Never repeated unseen: the model would be paid again, and the answer may differ.
    this.#finish("lost");
  }

  #take(event) {
    if (this.#over) return;
    if (event.type === "token") this.#hooks.text(event.text);
    else if (event.type === "end") this.#finish(event.status);
  }

  // A dead path says nothing at all. Heartbeats that do not come tell.
  #watch() {
    clearTimeout(this.#timer);
    if (!this.#over) this.#timer = setTimeout(() => this.#request.abort(), this.#silence);
  }

  #finish(status) {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#request.abort();
    this.#hooks.ended(status);
  }

  stop() {
    this.#finish("stopped");
  }
}
