// Draws two connections that carry the same answer, and cuts both. The times are here, the movement is in the style sheet.
const FIRST_MS = 300;
const EACH_MS = 240;
const CUT_MS = 1400;
const BACK_MS = 2300;

/**
 * @param {string} kind
 * @param {string} name
 * @param {string} [text]
 */
const made = (kind, name, text = "") => Object.assign(document.createElement(kind), { className: name, textContent: text });

/** @param {{tokens: string[], cutAfter: number, server: string, client: string}} picture */
const lane = (picture, { name, end, back }) => {
  const whole = made("div", back ? "lane back" : "lane");
  const wire = made("div", "wire");
  const line = made("span", "line");
  const answer = made("p", "answer");
  line.append(made("b", "cut"));
  picture.tokens.forEach((token, n) => {
    const before = n < picture.cutAfter;
    const lost = !before && !back;
    const at = before ? FIRST_MS + n * EACH_MS : BACK_MS + 250 + (n - picture.cutAfter) * EACH_MS;
    const word = made("span", lost ? "token lost" : "token", lost ? "" : token);
    if (lost) word.style.width = `${0.84 * token.length}ch`;
    word.style.setProperty("--at", `${at}ms`);
    answer.append(word, " ");
    if (lost) return;
    const dot = made("i", "dot");
    dot.style.setProperty("--at", `${at - 240}ms`);
    line.append(dot);
  });
  wire.append(made("span", "place", picture.server), line, made("span", "place", picture.client));
  whole.append(made("p", "name", name), wire, answer, made("p", "end", end));
  whole.style.setProperty("--cut", `${CUT_MS}ms`);
  whole.style.setProperty("--back", `${BACK_MS}ms`);
  return whole;
};

export default function ({ parentElement: root, data }) {
  const [picture] = data;
  const lanes = root.querySelector(".lanes");
  const button = root.querySelector("button");
  if (lanes.childElementCount) return; // a rerun of the page: what plays goes on
  const play = () => lanes.replaceChildren(...picture.lanes.map((one) => lane(picture, one)));
  lanes.setAttribute("aria-label", picture.alternative);
  button.textContent = picture.replay;
  button.onclick = play;
  play();
}
