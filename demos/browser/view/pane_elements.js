// The elements of one pane, from the template.
import { fill, pick } from "../words.js";
import { part, put } from "./elements.js";

export const dressPane = (template, { transport, client, id, places }, words, respond) => {
  const root = template.content.cloneNode(true).firstElementChild;
  const find = (selector) => root.querySelector(selector);
  const name = words[`lab.pane.${id}`];
  root.dataset.testid = `pane-${id}`;
  root.dataset.transport = transport;
  put(find("h2"), name);
  put(find(".api"), words[`lab.api.${client.toLowerCase()}`]);
  find(".state").dataset.testid = `${id}-state`;
  find(".text").dataset.testid = `${id}-text`;
  find(".text").setAttribute("aria-label", fill(words["lab.text_label"], { name }));
  find("dl").append(...places.map((key) => counter(id, key, words)));
  const [approve, decline] = root.querySelectorAll(".ask button");
  Object.assign(approve, { onclick: () => respond("yes") }).dataset.testid = `${id}-approve`;
  Object.assign(decline, { onclick: () => respond("no") }).dataset.testid = `${id}-decline`;
  return root;
};

const counter = (id, key, words) => {
  const box = document.createElement("div");
  box.append(part("dt", pick(words, `lab.place.${key}`, `lab.count.${key}`, `figure.${key}`)));
  const place = box.appendChild(part("dd", "–"));
  place.dataset.count = key;
  place.dataset.testid = `${id}-${key.replace(/_ms$/, "").replaceAll("_", "-")}`;
  return box;
};
