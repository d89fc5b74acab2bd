// Server-sent events in a browser: EventSource, with what it lacks: a supervisor, a watchdog and an end.
//
// Requires: nothing. Serve it from the origin of server_sse_fastapi.py or server_sse_starlette.py.
// Use:      import { ask } from "./client_sse_browser.js";
//           const answer = await ask("Why a heartbeat?", {
//             text: (text) => document.body.append(text),
//             ended: (status) => console.log(status), // completed, stopped, failed, or lost: nobody could be reached
//           });
//           answer.stop(); // ends the run. answer.close() ends the listening only.

const SILENCE_MS = 35_000; // two heartbeats and a bit: then the path is taken for dead
const MOST_TRIES = 10;

export async function ask(prompt, hooks, { base = "", silence = SILENCE_MS } = {}) {
  const headers = { "Content-Type": "application/json" };
  // Not repeated by itself: nobody knows whether a start that got no answer has started something.
  const started = await fetch(`${base}/runs`, { method: "POST", headers, body: JSON.stringify({ prompt }) });
  if (!started.ok) throw new Error(`The run did not start: HTTP ${started.status}`);
  return new Answer(`${base}/runs/${(await started.json()).run}`, hooks, silence);
}

class Answer {
  #url; #hooks; #silence; #source; #timer;
  #seen = 0;
  #tries = 0;
  #over = false;

  constructor(url, hooks, silence) {
    [this.#url, this.#hooks, this.#silence] = [url, hooks, silence];
    // A page in the back/forward cache would keep its stream, and one of the six connections with it.
    addEventListener("pagehide", this.#leave);
    addEventListener("pageshow", this.#comeBack);
    this.#open();
  }

  #open() {
    // A new EventSource has forgotten its Last-Event-ID, so the position goes into the address. When the browser comes
    // back by itself it sends the header as well, and the server prefers it.
    const source = (this.#source = new EventSource(`${this.#url}/events?since=${this.#seen}`));
    this.#watch();
    source.addEventListener("ping", () => this.#heard());
    source.addEventListener("token", (event) => this.#take(event));
    source.addEventListener("end", (event) => this.#take(event));
    // The browser comes back after a cut, but gives up for good on any status but 200, so on one 502 of a proxy.
    source.onerror = () => source.readyState === EventSource.CLOSED && this.#later();
  }

  #take({ data, lastEventId }) {
    this.#heard();
    if (Number(lastEventId) <= this.#seen) return;
    this.#seen = Number(lastEventId);
    const event = JSON.parse(data);
    if (event.type === "token") this.#hooks.text(event.text);
    else this.#finish(event.status); // without this, EventSource would ask again: to it every end is a cut
  }

  #heard() {
    this.#tries = 0;
    this.#watch();
  }

  // A dead path says nothing at all, and the browser goes on waiting. Heartbeats that do not come tell.
  #watch() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#later(), this.#silence);
  }

  #later() {
    this.#source.close();
    clearTimeout(this.#timer);
    if (this.#tries === MOST_TRIES) return this.#finish("lost");
    this.#timer = setTimeout(() => this.#open(), pause(this.#tries++));
  }

  #leave = () => {
    this.#source.close();
    clearTimeout(this.#timer);
  };

  #comeBack = (event) => event.persisted && this.#open();

  #finish(status) {
    this.close();
    this.#hooks.ended(status);
  }

  close() {
    this.#over = true;
    this.#leave();
    removeEventListener("pagehide", this.#leave);
    removeEventListener("pageshow", this.#comeBack);
  }

  // Closing the stream would not end the run. Its last event still comes on the stream.
  async stop() {
    for (let tries = 0; !this.#over && tries < MOST_TRIES; tries++) {
      const answer = await fetch(`${this.#url}/stop`, { method: "POST", keepalive: true }).catch(() => null);
      if (answer && answer.status < 500) return;
      await new Promise((wake) => setTimeout(wake, pause(tries)));
    }
  }
}

// Doubling, with chance in it, so that a thousand pages do not come back in the same moment.
const pause = (tries) => Math.min(30_000, 500 * 2 ** tries) * (0.5 + Math.random() / 2);
