// What the lab says: its words in their places, one status line, three steps. Decides nothing.
import { fill, pick } from "../words.js";
import { put } from "./elements.js";

const ALOUD = ["running", "asked", "stopping", "dropped", "closed", "failed", "trouble", "remote", "not_kept", "ended", "replay.status", "replay.over"];

export class StatusLine {
  constructor(root, name, words) {
    this.root = root;
    this.name = name;
    this.words = words;
    for (const part of [root, root.querySelector("template").content]) {
      for (const node of part.querySelectorAll("[data-word]")) put(node, words[this.key(node.dataset.word)]);
      for (const node of part.querySelectorAll("[data-label]")) node.setAttribute("aria-label", words[node.dataset.label]);
    }
  }

  // The key of this scenario's own word where it has one; else of the lab's.
  key(key) {
    const own = key.replace(/^lab/, `scenario.${this.name}`);
    return own in this.words ? own : key;
  }

  // `what` happened, in the words of `key`. All of it is seen; only what changes a run's course is also read aloud.
  status(key, values = {}, what = key) {
    const text = fill(this.words[key] ?? key, values);
    put(this.root.querySelector(".status"), text);
    if (ALOUD.some((end) => what.endsWith(end))) put(this.root.querySelector("[role=status]"), text);
  }

  // What holds for every run of this scenario and follows from the user's own figures; most have nothing of the kind.
  aside(said) {
    const place = this.root.querySelector(".aside");
    place.hidden = !said;
    if (said) put(place, fill(this.words[`scenario.${this.name}.aside.${said.key}`], said.values));
  }

  steps(current, mode) {
    for (const step of this.root.querySelectorAll("[data-step]")) {
      const n = step.dataset.step;
      put(step, pick(this.words, `scenario.${this.name}.step.${mode}.${n}`, `scenario.${this.name}.step.${n}`, `lab.step.${n}`));
      Number(n) === current ? step.setAttribute("aria-current", "step") : step.removeAttribute("aria-current");
    }
  }
}
