// The panel beside the question. Draws what it is sent; decides and counts nothing.
const text = (root, selector, value) => {
  const node = root.querySelector(selector);
  if (node.textContent !== value) node.textContent = value;
  return node;
};

// Sentences without a jump.
const said = (root, selector, label, items) => {
  const section = root.querySelector(selector);
  section.hidden = items.length === 0;
  text(section, ".label", label);
  section.querySelector("ul").replaceChildren(...items.map((item) => Object.assign(document.createElement("li"), { textContent: item })));
};

const list = (root, selector, label, items, none, go) => {
  const section = root.querySelector(selector);
  section.hidden = items.length === 0 && !none;
  if (label) text(section, ".label", label);
  const rows = items.map((item) => {
    const row = document.createElement("li");
    const button = document.createElement("button");
    button.append(Object.assign(document.createElement("span"), { textContent: item.text }));
    if (item.mark) button.append(Object.assign(document.createElement("span"), { className: "mark", textContent: item.mark }));
    button.onclick = () => go(item.id);
    row.append(button);
    return row;
  });
  if (!rows.length && none) rows.push(Object.assign(document.createElement("li"), { className: "none", textContent: none }));
  section.querySelector("ul").replaceChildren(...rows);
};

// Bars are kept and changed in place, so that CSS can move them.
const bars = (root, { bars: items, zero, scale }) => {
  const box = root.querySelector(".bars");
  while (box.children.length < items.length) {
    const bar = document.createElement("div");
    bar.className = "bar";
    bar.innerHTML = '<div><span class="name"></span><span class="points"></span></div><span class="track"><span class="fill"></span><span class="zero"></span></span>';
    box.append(bar);
  }
  items.forEach((item, n) => {
    const bar = box.children[n];
    bar.classList.toggle("lead", item.lead);
    text(bar, ".name", item.name);
    text(bar, ".points", item.label);
    bar.classList.toggle("below", item.from < zero);
    Object.assign(bar.querySelector(".fill").style, { left: `${item.from}%`, width: `${item.to - item.from}%` });
  });
  root.querySelector("aside").style.setProperty("--zero", `${zero}%`);
  root.querySelectorAll(".scale span").forEach((mark, n) => (mark.textContent = scale[n]));
};

export default function ({ parentElement: root, data, setTriggerValue }) {
  const [panel] = data;
  const go = (id) => setTriggerValue("go", id);
  root.querySelector("aside").setAttribute("aria-label", panel.title);
  text(root, ".kicker", panel.title);
  text(root, ".headline", panel.headline);
  root.querySelector(".settled").hidden = !panel.settled;
  text(root, ".settled p", panel.settled);
  text(root, ".settled button", panel.read).onclick = () => setTriggerValue("read", true);
  said(root, ".clashes", panel.clashLabel, panel.clashes);
  text(root, ".note", panel.note).hidden = !panel.note;
  bars(root, panel);
  list(root, ".open", "", panel.open, "", go);
  list(root, ".because", panel.becauseLabel, panel.because, panel.becauseNone, go);
  text(root, ".foot", panel.foot);
  text(root, ".said", [panel.headline, panel.settled, ...panel.clashes].filter(Boolean).join(" "));
}
