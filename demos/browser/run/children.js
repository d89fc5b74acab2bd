// Servers of a scenario's own, which may be broken: child processes of the app, each on a port of its own.
export class Children {
  constructor(run) {
    this.run = run;
    this.ends = []; // what ends each of them
    this.released = false;
  }

  // It outlives the run, since what it carried is counted there: until `release`.
  async make(choice) {
    const { run } = this;
    const { id, port } = await run.request("/children", { scenario: run.name, ...(choice && { choice }) });
    const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}", keepalive: true };
    const end = () => fetch(`${run.api}/children/${id}/end`, post).catch(() => {});
    if (this.released) end();
    this.ends.push(end);
    const restart = (down_ms, more = {}) => run.request(`/children/${id}/restart`, { down_ms, ...more });
    const strike = () => run.request(`/children/${id}/strike`, {});
    return { id, api: `http://127.0.0.1:${port}/api`, restart, strike };
  }

  // A child loads its agent while it already answers. What is timed there, or counted, begins once that is over.
  async warm({ api }) {
    const { run } = this;
    const thread = await run.thread(api);
    const params = { input: { messages: [{ role: "user", content: "Ready?" }] }, config: { configurable: { n_tokens: 1, first_token_ms: 0 } } };
    await run.request(`/threads/${thread}/commands`, { id: 1, method: "run.start", params }, api);
    while ((await run.request(`/threads/${thread}`, undefined, api)).status === "busy") await run.wait(50);
  }

  // Nobody will count this run any more: its servers may end.
  release() {
    this.released = true;
    for (const end of this.ends.splice(0)) end();
  }
}
