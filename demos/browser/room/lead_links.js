// What the lead opens elsewhere: the wall, with its view key, and the report, which needs the secret in a header.
import { part, put } from "../view/elements.js";

const FORMS = ["md", "html", "pdf", "json"];
const KEPT_MS = 60000; // long enough for a slow disk

/** @param {import("./screen.js").PageData} page @param {string} key @param {string} form @returns {Promise<string>} what went wrong */
const download = async ({ api, code, say }, key, form) => {
  try {
    const answer = await fetch(`${api}/rooms/${code}/report.${form}`, { headers: { Authorization: `Bearer ${key}` }, cache: "no-store" });
    if (!answer.ok) return (await answer.json().catch(() => ({}))).message ?? say("room.lead.no_report");
    const href = URL.createObjectURL(await answer.blob());
    Object.assign(document.createElement("a"), { href, download: `room-${code}.${form}` }).click();
    setTimeout(() => URL.revokeObjectURL(href), KEPT_MS);
    return "";
  } catch {
    return say("room.lead.no_report");
  }
};

/** This page for another device. The address holds the secret, so it is folded: this page may be on the projector.
 * @param {string | undefined} address where phones go; none: no other device comes here @param {string} keys */
export const elsewhere = (address, keys) => {
  document.getElementById("elsewhere").hidden = !address;
  put(document.getElementById("lead-address"), address ? `${address}/lead#${keys}` : "");
};

/** @param {import("./screen.js").PageData} page @param {string} key @param {string} view @param {(text: string) => void} tell */
export const linksAndReports = (page, key, view, tell) => {
  const { say } = page;
  const reports = FORMS.map((form) => {
    const button = Object.assign(part("button", say(`room.lead.form.${form}`)), { type: "button" });
    button.onclick = async () => {
      button.disabled = true;
      tell(await download(page, key, form) || say("room.lead.have_report"));
      button.disabled = false;
      button.focus();
    };
    return button;
  });
  document.getElementById("reports").replaceChildren(...reports);
  const place = document.getElementById("wall-link");
  const field = /** @type {HTMLInputElement} */ (document.querySelector("#wifi input"));
  document.getElementById("wifi").hidden = !view;
  if (!view) return void put(place, say("room.lead.no_view"));
  const link = Object.assign(part("a", say("room.lead.wall"), "button"), { target: "_blank", rel: "noopener" });
  const point = () => (link.href = `wall#${view}${field.value ? `?wifi=${encodeURIComponent(field.value)}` : ""}`);
  field.oninput = point;
  point();
  place.replaceChildren(link);
};
