// A button that copies a text. Browsers allow that on https and on this machine only; elsewhere the text is shown, selected.
const copied = async (text, area) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    area.hidden = false;
    area.select();
    return document.execCommand("copy");
  }
};

export default function ({ data: [sent], parentElement }) {
  const [button, said, area] = ["button", "span", "textarea"].map((name) => parentElement.querySelector(name));
  button.textContent = sent.copy;
  area.value = sent.text;
  area.setAttribute("aria-label", sent.copy);
  button.onclick = async () => {
    said.textContent = "";
    const done = await copied(sent.text, area);
    if (done) area.hidden = true;
    said.textContent = done ? sent.copied : sent.not_copied;
  };
}
