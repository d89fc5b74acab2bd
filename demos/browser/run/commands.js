// What a run asks of the agent and of its server: start, answer, cut, stop. By POST, or in band on an open WebSocket.
import { Refused } from "../transports/api.js";

const IMPATIENT_MS = 1500;

export class Commands {
  constructor(run) {
    this.run = run;
  }

  // Starts a run on the thread of each pane: one for panes that share a thread. In band on a socket that has its own.
  async start(panes, more) {
    const { question, seed, rate, approve, answers } = this.run.settings;
    const configurable = { seed, rate, approve, answers, ...more };
    const params = { input: { messages: [{ role: "user", content: question }] }, config: { configurable } };
    const firsts = oneAThread(panes);
    const replies = await Promise.all(firsts.map((pane) => this.command(pane, "run.start", params, this.#alone(pane))));
    for (const pane of panes) {
      pane.run = replies[firsts.findIndex((first) => first.thread === pane.thread)].result.run_id;
      pane.runs += 1;
    }
  }

  // A command by POST, or in band where the pane is an open socket and that is wanted.
  command(pane, method, params, inBand = false) {
    if (inBand && pane.stream?.ready) return pane.stream.send(method, params);
    return this.run.request(`/threads/${pane.thread}/commands`, { id: 1, method, params }, pane.api);
  }

  // The answer to the agent's question: by POST beside the event stream, in band on the WebSocket. `responses` keeps when it
  // was given, by whom, and what came of it.
  async respond(pane, response, interrupt_id) {
    const given = { t: performance.now(), by: pane.id, repeated: null, refused: null };
    this.run.responses.push(given);
    try {
      const { result } = await this.command(pane, "input.respond", { interrupt_id, response }, pane.transport === "websocket");
      given.repeated = result.repeated;
    } catch (error) {
      given.refused = error.code;
      pane.asked(null);
      pane.warn(error.message);
    }
  }

  // Cuts every stream of every thread now.
  async drop(how) {
    const { run } = this;
    const now = performance.now();
    run.dropped = run.dropped || now;
    for (const pane of run.panes) if (pane.kind === "open") pane.marked("drop", now);
    const firsts = oneAThread(run.panes).filter((pane) => pane.thread);
    await Promise.all(firsts.map((pane) => run.request(`/threads/${pane.thread}/drop`, { how }, pane.api)));
  }

  // Stops every run. The second half of a double click is none; a later press gives up on a run that does not answer.
  async stop() {
    const { run } = this;
    if (run.stopAt !== null && performance.now() - run.stopAt < IMPATIENT_MS) return;
    if (run.started === null || run.stopAt !== null) return run.fail(new Refused("given_up", run.words["lab.given_up"], 0));
    run.stopAt = performance.now();
    for (const pane of run.panes) pane.hadAtStop = pane.tokens;
    const stops = oneAThread(run.panes).map((pane) => this.command(pane, "run.cancel", pane.run ? { run_id: pane.run } : {}, this.#alone(pane)));
    await Promise.all(stops).catch((error) => run.fail(error));
  }

  #alone(pane) {
    return pane.transport === "websocket" && this.run.panes.every((other) => other === pane || other.thread !== pane.thread);
  }
}

// The first pane of each thread.
const oneAThread = (panes) => panes.filter((pane, n) => panes.findIndex((other) => other.thread === pane.thread) === n);
