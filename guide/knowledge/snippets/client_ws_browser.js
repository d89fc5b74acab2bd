// A WebSocket in a browser, with what it lacks: resume, a watchdog, a stop that survives a cut.
//
// Requires: nothing. Server: server_ws_fastapi.py or server_ws_starlette.py, which must allow the origin of the page. Over
//           https or from localhost, since other pages have no crypto.randomUUID.
// Use:      import { ask } from "./client_ws_browser.js";
//           const answer = ask("Why a heartbeat?", {
//             text: (text) => document.body.append(text),
//             ended: (status) => console.log(status), // completed, stopped, failed, refused, or lost
//           });
//           answer.stop(); // ends the run. answer.close() ends the listening only.

const SILENCE_MS = 35_000; // two heartbeats and a bit: then the path is taken for dead
const MOST_TRIES = 10;
const FINAL = [1008, 4404]; // close codes after which coming back does not help

export function ask(prompt, hooks, { url = `${location.origin.replace(/^http/, "ws")}/ws`, silence = SILENCE_MS } = {}) {
  return new Answer(url, prompt, hooks, silence);
}

class Answer {
  #url; #prompt; #hooks; #silence; #socket; #timer;
  #run = crypto.randomUUID(); // ours, so a start that is sent again after a cut starts nothing twice
  #seen = 0;
  #tries = 0;
  #stopping = false;

  constructor(url, prompt, hooks, silence) {
    [this.#url, this.#prompt, this.#hooks, this.#silence] = [url, prompt, hooks, silence];
    // A page in the back/forward cache is restored without its socket.
    addEventListener("pagehide", this.#leave);
    addEventListener("pageshow", this.#comeBack);
    this.#open();
  }

  #open() {
    const socket = (this.#socket = new WebSocket(this.#url));
    const mine = (act) => (event) => socket === this.#socket && act(event); // one that was left says nothing more
    this.#watch();
    socket.onopen = mine(() => {
      if (this.#seen) this.#send({ type: "resume", run: this.#run, since: this.#seen });
      else this.#send({ type: "start", run: this.#run, prompt: this.#prompt });
      if (this.#stopping) this.#send({ type: "stop" });
    });
    socket.onmessage = mine(({ data }) => this.#take(JSON.parse(data)));
    socket.onclose = mine(({ code }) => (FINAL.includes(code) ? this.#finish("refused") : this.#later()));
  }

  #take(event) {
    this.#tries = 0;
    this.#watch();
    if (!(event.seq > this.#seen)) return; // a ping, or an event that came twice
    this.#seen = event.seq;
    if (event.type === "token") this.#hooks.text(event.text);
    else this.#finish(event.status);
  }

  #send(message) {
    this.#socket.send(JSON.stringify(message));
  }

  // A dead path says nothing at all, and the socket stays open. Heartbeats that do not come tell.
  #watch() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#later(), this.#silence);
  }

  #later() {
    this.#leave();
    if (this.#tries === MOST_TRIES) return this.#finish("lost");
    this.#timer = setTimeout(() => this.#open(), pause(this.#tries++));
  }

  #leave = () => {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null; // on a dead path, its close event may take a minute to come
    socket?.close(1000);
  };

  #comeBack = (event) => event.persisted && this.#open();

  #finish(status) {
    this.close();
    this.#hooks.ended(status);
  }

  close() {
    this.#leave();
    removeEventListener("pagehide", this.#leave);
    removeEventListener("pageshow", this.#comeBack);
  }

  // Closing the socket would not end the run. After a cut it is asked again.
  stop() {
    this.#stopping = true;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#send({ type: "stop" });
  }
}

// Doubling, with chance in it, so that a thousand pages do not come back in the same moment.
const pause = (tries) => Math.min(30_000, 500 * 2 ** tries) * (0.5 + Math.random() / 2);
