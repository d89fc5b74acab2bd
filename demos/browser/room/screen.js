// What the wall and the lead's page share: the page's own data, words that count, and what was handed over behind the #.
import { fill } from "../words.js";

/**
 * @typedef {{ words: Record<string, string>, api: string, code: string,
 *   say: (key: string, values?: object) => string, some: (key: string, n: number, values?: object) => string }} PageData
 */

/** What the server wrote into the page; null on any other page. @returns {PageData | null} */
export const pageData = () => {
  const written = document.getElementById("words");
  if (!written) return null;
  const words = JSON.parse(written.textContent);
  const { api, code } = document.body.dataset;
  const say = (key, values = {}) => (words[key] ? fill(words[key], values) : "");
  // One person, two people: where a word for exactly one exists, it is taken.
  const some = (key, n, values = {}) => say(n === 1 && words[`${key}.one`] ? `${key}.one` : key, { n, ...values });
  return { words, api, code, say, some };
};

// Only this tab's; a private window may have none.
const stored = (name) => {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
};

/** @param {string} name @param {string} value */
export const store = (name, value) => {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    // It lasts as long as the page then.
  }
};

/** What stands behind the #: `KEY`, `KEY.VIEW`, `KEY?wifi=NAME`; what is not there was kept earlier in this tab.
 * @param {string} name of the kept value */
export const handedOver = (name) => {
  const [keys, options = ""] = location.hash.slice(1).split("?");
  const given = keys || stored(name);
  if (keys) store(name, keys);
  const [key = "", view = ""] = given.split(".");
  return { key, view, options: new URLSearchParams(options) };
};

/** Where phones go: as the server says, or beside this page where it knows no address of its own. @param {string} told */
export const addressOf = (told) => told || location.origin + location.pathname.replace(/\/[^/]*$/, "");

/** What holds of everybody's page when a person presses a key: not while they write, and not with Ctrl and the like.
 * @param {KeyboardEvent} event */
export const meant = ({ ctrlKey, metaKey, altKey, repeat, defaultPrevented, target }) => {
  if (ctrlKey || metaKey || altKey || repeat || defaultPrevented || document.querySelector("dialog[open]")) return false;
  return !(target instanceof Element && target.matches("input, textarea, select, [contenteditable=true]"));
};

/** Stands in the place of that sentence where fewer than five people were there. */
export const FEW = "room.so.few";

/** The sentence that says what a round has shown; "" where there is none, or where its figures are missing: few people have none.
 * @param {Record<string, string>} words @param {{ so?: { key: string, values?: object } } | null | undefined} result */
export const foundOf = (words, result) => {
  const { key = "", values = {} } = result?.so ?? {};
  const text = words[key] ?? "";
  const lacks = [...text.matchAll(/\{(\w+)\}/g)].some(([, name]) => !(name in values));
  return lacks ? "" : fill(text, values);
};

/** What a step of the agenda is called. @param {PageData} page */
export const stepTitle = ({ say }, step) => {
  if (!step) return say("room.lead.lobby");
  if (step.kind === "round") return say(`room.round.${step.name}.title`);
  return step.kind === "ask" ? say(`room.ask.${step.name}.title`) : say(`room.talk.${step.name}.title`);
};
