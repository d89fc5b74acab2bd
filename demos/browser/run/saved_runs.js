// The buttons around a replay: save this run, open a run, faster, end.
import { put } from "../view/elements.js";
import { fill } from "../words.js";
import { Replay } from "./replay.js";
import { LARGEST_BYTES, Unreadable, readRun, runFile } from "./run_file.js";

export class RunFiles {
  constructor(lab) {
    this.lab = lab;
    this.last = this.replay = null;
    lab.button("save").onclick = () => this.#save();
    lab.button("open").onclick = () => lab.button("file").click();
    lab.button("file").onchange = ({ target }) => this.#open(target);
    lab.button("faster").onclick = ({ currentTarget }) => {
      const faster = currentTarget.getAttribute("aria-pressed") !== "true";
      currentTarget.setAttribute("aria-pressed", String(faster));
      this.replay.speed = faster ? 4 : 1;
    };
    lab.button("end").onclick = () => lab.idle();
    this.switch();
  }

  // A run that may be saved; null: none. `evidence` is what the server kept of it.
  keep(last) {
    this.last = last;
    this.switch();
  }

  switch() {
    const { lab } = this;
    const saves = lab.scenario.saves !== false;
    lab.button("save").disabled = this.last === null || lab.running || !saves;
    lab.button("open").disabled = lab.busy;
    this.#say(this.last && !saves ? lab.words["lab.save.not"] : "", false);
  }

  #say(text, bad = true) {
    this.lab.$(".unread").classList.toggle("bad", bad);
    put(this.lab.$(".unread"), text);
  }

  #save() {
    const text = runFile(this.last);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `streamwise-${this.last.name}-${new Date().toISOString().slice(0, 16).replace(/[^0-9]/g, "")}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  async #open(input) {
    const [file] = input.files;
    const { lab } = this;
    if (!file) return;
    try {
      if (file.size > LARGEST_BYTES) throw new Unreadable("lab.open.large");
      const run = readRun(await file.text(), lab);
      if (!lab.busy) this.#play(run);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      const { title } = error.values;
      const values = { ...error.values, mb: LARGEST_BYTES / 1e6, ...(title && { title: lab.sent.titles[title] ?? title }) };
      lab.status("lab.open.failed", { reason: fill(lab.words[error.key], values) });
      this.#say(fill(lab.words[error.key], values));
    } finally {
      input.value = ""; // the same file may be opened again
    }
  }

  #play(run) {
    const { lab } = this;
    const values = { when: `${run.taken.slice(0, 16).replace("T", " ")} UTC` };
    const told = fill(lab.words["lab.replay.of"], values);
    const replay = (this.replay = new Replay(run, lab.panes, () => {
      lab.conclude(replay, run.said);
      lab.display.judge(told);
      lab.status("lab.replay.over", values);
    }));
    lab.button("faster").setAttribute("aria-pressed", "false");
    lab.begin(replay, run.lasted, () => replay.at, "lab.result.replay");
    lab.display.replays(told);
    lab.status("lab.replay.status", values);
    replay.play();
  }
}
