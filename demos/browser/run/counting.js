// Has the server count what each pane has received: the same code counts for the Python clients. Counts nothing itself.
export class Counting {
  constructor(run) {
    this.run = run;
    this.busy = Promise.resolve();
    this.counting = false;
    this.trouble = null; // why the last count did not come
  }

  // Panes whose run is on a server that can count it.
  get counted() {
    return this.run.panes.filter((pane) => pane.run);
  }

  count() {
    this.counting = true;
    const counted = this.counted;
    const receipts = counted.map((pane) => pane.receipt(this.run.started));
    // Runs of a child are counted there, by way of our own server.
    this.busy = this.run
      .request("/measure", { receipts })
      .then(({ measurements }) => measurements.forEach((measured, n) => counted[n].count(measured)))
      .then(() => this.#well())
      .catch((error) => this.#unwell(error))
      .finally(() => (this.counting = false));
    return this.busy;
  }

  #well() {
    if (this.trouble && !this.run.over) this.run.changed("running");
    this.trouble = null;
  }

  #unwell({ message, status }) {
    this.trouble = status === 404 ? this.run.words["lab.error.expired"] : message;
    if (!this.run.over) this.run.changed("trouble", this.trouble);
  }
}
