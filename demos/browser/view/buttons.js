// Which of the lab's buttons can be pressed now, and where the keyboard's focus goes. They are never hidden, only switched off:
// nothing moves.
export class Buttons {
  constructor(lab) {
    this.lab = lab;
    this.adrift = false;
  }

  switch() {
    const { lab } = this;
    const { root, run, scenario, live, busy } = lab;
    const held = root.getRootNode().activeElement;
    const shut = busy || lab.refused;
    lab.button("start").disabled = lab.button("again").disabled = shut;
    lab.button("drop").disabled = !(live && run.started !== null && run.threads.length === 1);
    lab.button("stop").disabled = !live;
    lab.button("takeup").disabled = shut || !scenario.left?.();
    for (const radio of root.querySelectorAll(".choices input, .predict input")) radio.disabled = busy;
    const rests = lab.button("takeup").disabled ? "start" : "takeup";
    const next = (live && scenario.next?.(run.settings)) || rests;
    for (const name of ["start", "takeup", "drop", "stop"]) lab.button(name).classList.toggle("primary", name === next && !lab.button(name).disabled);
    // A button that is switched off lets the keyboard's focus fall; the next one that is on catches it.
    this.adrift ||= held instanceof HTMLButtonElement && held.disabled;
    if (this.adrift && !lab.button(next).disabled && !lab.button(next).hidden) {
      this.adrift = false;
      lab.button(next).focus({ preventScroll: true });
    }
  }
}
