// Joins the lab's buttons, and what happens to the whole page, to what the lab does.
export class Controls {
  constructor(lab) {
    this.lab = lab;
    this.#runs();
    this.#folds();
    lab.$(".choices").onchange = () => {
      lab.named();
      if (!lab.busy) lab.steps(1);
    };
    this.leave = () => lab.run?.suspend();
    this.entered = (event) => event.persisted && lab.run?.reopen();
    window.addEventListener("pagehide", this.leave);
    window.addEventListener("pageshow", this.entered);
  }

  // What starts, cuts and ends a run.
  #runs() {
    const { lab } = this;
    lab.$("form").onsubmit = (event) => (event.preventDefault(), lab.start());
    lab.button("again").onclick = () => {
      const { seed } = lab.$("form").elements;
      seed.value = (Number(seed.value) + 1) % 1_000_000;
      lab.start();
    };
    lab.button("takeup").onclick = () => lab.start(true);
    lab.button("drop").onclick = () => lab.act("dropped", () => lab.run.drop());
    lab.button("stop").onclick = () => lab.act("stopping", () => lab.run.stop());
    lab.button("resume").onchange = ({ target }) => target.checked && lab.run?.revive();
  }

  // What opens and shuts a part of the lab.
  #folds() {
    const { lab } = this;
    for (const [name, part] of [["settings", ".fields"], ["wire", ".wire"]]) {
      lab.button(name).onclick = ({ currentTarget }) => {
        const shut = lab.$(part).toggleAttribute("hidden");
        currentTarget.setAttribute("aria-expanded", String(!shut));
        lab.root.classList.toggle("wired", !lab.display.wire.root.hidden);
        lab.display.wire.draw(true);
      };
    }
  }

  stop() {
    window.removeEventListener("pagehide", this.leave);
    window.removeEventListener("pageshow", this.entered);
  }
}
