// For whoever presents: keys, large type, and the list of keys. Presses the lab's own buttons, so that what a key may do is
// what its button may. Streamlit's own keys, r and c, stay Streamlit's.
import { part } from "./elements.js";

const PRESSES = { s: "start", a: "again", d: "drop", x: "stop", w: "wire", l: "large", "?": "keys" };
const STEPS = { n: 1, p: -1 };
const TYPED = "textarea, select, [contenteditable=true], input:not([type=radio], [type=checkbox], [type=button], [type=file])";

// What the browser remembers for this person; where it may not, nothing is remembered.
const remembered = (key) => {
  try {
    return localStorage.getItem(`streamwise.${key}`);
  } catch {
    return null;
  }
};

const remember = (key, value) => {
  try {
    localStorage.setItem(`streamwise.${key}`, value);
  } catch {
    // Private windows and full stores: the choice lasts as long as the page.
  }
};

export class PresenterKeys {
  constructor(lab) {
    this.lab = lab;
    this.dialog = lab.$("dialog");
    this.on = remembered("keys") !== "off";
    const use = lab.button("keys-on");
    use.checked = this.on;
    use.onchange = () => remember("keys", (this.on = use.checked) ? "on" : "off");
    lab.button("keys").onclick = () => this.dialog.showModal();
    lab.button("keys-close").onclick = () => this.dialog.close();
    lab.button("large").onclick = () => {
      this.#size(!this.large);
      remember("large", this.large ? "on" : "off");
    };
    this.#list();
    this.#size(remembered("large") === "on");
    this.heard = (event) => this.#press(event);
    document.addEventListener("keydown", this.heard);
  }

  #list() {
    const { words } = this.lab;
    for (const key of [...Object.keys(PRESSES), ...Object.keys(STEPS)]) {
      const name = PRESSES[key] ?? (STEPS[key] > 0 ? "next" : "previous");
      this.lab.$(".keylist").append(part("dt", key), part("dd", words[`lab.key.${name}`]));
    }
  }

  #size(large) {
    this.large = large;
    this.lab.root.classList.toggle("large", large);
    this.lab.button("large").setAttribute("aria-pressed", String(large));
    requestAnimationFrame(() => this.lab.display.timeline.draw());
  }

  #press(event) {
    const { key, ctrlKey, metaKey, altKey, repeat } = event;
    const [target] = event.composedPath();
    if (ctrlKey || metaKey || altKey || repeat || event.defaultPrevented || !this.on || this.dialog.open) return;
    if (target instanceof Element && target.matches(TYPED)) return;
    if (key in STEPS) return this.#step(STEPS[key]);
    const button = key in PRESSES ? this.lab.button(PRESSES[key]) : null;
    if (!button || button.hidden || button.disabled) return;
    event.preventDefault();
    button.click();
  }

  #step(by) {
    const { scenarios } = this.lab.sent;
    const to = scenarios[scenarios.indexOf(this.lab.name) + by];
    if (to) this.lab.streamlit.trigger("picked", to);
  }

  stop() {
    document.removeEventListener("keydown", this.heard);
  }
}
