// The questionnaire on the phone: one question at a time, each answer sent at once. Which ones are answered, the room remembers.
import { fill } from "../../words.js";
import { button, made } from "./elements.js";

/** @typedef {{ id: string, title: string, help?: string, multiple: boolean, answers: { id: string, label: string, hint?: string, alone?: boolean }[] }} Question */

export class Questions {
  // show: what a screen shows, as the phone does. tell: sends an answer.
  /**
   * @param {Question[]} asked
   * @param {Record<string, string[]>} answered
   * @param {Record<string, string>} words
   * @param string} about what all of them are about
   * @param {{ show: (screen: { title: string, lead: string, said: string }, ...content: Node[]) => void, tell: (body: object) => void }} phone
   */
  constructor(asked, answered, words, about, phone) {
    this.about = about;
    this.asked = asked;
    this.answered = { ...answered };
    this.words = words;
    this.phone = phone;
    const open = asked.findIndex(({ id }) => !this.answered[id]?.length);
    this.go(open < 0 ? asked.length : open);
  }

  /** @param {number} n */
  go(n) {
    n < this.asked.length ? this.#ask(n) : this.#over();
  }

  #ask(n) {
    const { id, title, help = "", multiple, answers } = this.asked[n];
    const chosen = new Set(this.answered[id] ?? []);
    const of = fill(this.words["room.phone.ask.of"], { about: this.about, n: n + 1, all: this.asked.length });
    const list = made("div", { className: "choices", role: "group", aria: { label: title } });
    for (const answer of answers) list.append(multiple ? this.#box(answer, answers, chosen) : this.#one(n, answer, chosen));
    const ways = made("div", { className: "ways" });
    if (n) ways.append(button(() => this.go(n - 1), { className: "plain" }, this.words["room.phone.ask.back"]));
    if (multiple) ways.append(button(() => this.#take(n, [...chosen]), { className: "primary" }, this.words["room.phone.ask.next"]));
    this.phone.show({ title, lead: help, said: `${of} ${title}` }, made("p", { className: "of" }, of), list, ways);
  }

  #one(n, { id, label, hint = "" }, chosen) {
    return button(() => this.#take(n, [id]), { className: "choice", aria: { pressed: chosen.has(id) } }, labelled(label, hint));
  }

  // An answer that stands alone takes the others' place, and they take its.
  #box({ id, label, hint = "", alone = false }, answers, chosen) {
    const input = made("input", { type: "checkbox", checked: chosen.has(id), value: id });
    input.onchange = () => {
      input.checked ? chosen.add(id) : chosen.delete(id);
      for (const other of answers) if (input.checked && other.id !== id && (alone || other.alone)) chosen.delete(other.id);
      for (const box of input.closest(".choices").querySelectorAll("input")) box.checked = chosen.has(box.value);
    };
    return made("label", { className: "choice" }, input, labelled(label, hint));
  }

  #take(n, answers) {
    const { id } = this.asked[n];
    if (answers.length) {
      this.answered[id] = answers;
      this.phone.tell({ what: "answer", question: id, answers });
    }
    this.go(n + 1);
  }

  #over() {
    const title = this.words["room.phone.ask.done"];
    const lead = this.words["room.phone.ask.done_lead"];
    this.phone.show({ title, lead, said: title }, button(() => this.go(0), { className: "plain" }, this.words["room.phone.ask.change"]));
  }
}

const labelled = (label, hint) => made("span", {}, label, ...(hint ? [made("small", {}, hint)] : []));
