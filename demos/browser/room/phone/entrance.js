// How somebody comes to a room: by its code, with a device of some kind.
import { made } from "./elements.js";

const CODE = /^[A-Z0-9]{6}$/;
const BROWSERS = { Edg: "Edge", OPR: "Opera", SamsungBrowser: "Samsung", Firefox: "Firefox", FxiOS: "Firefox", Chrome: "Chrome", CriOS: "Chrome", Safari: "Safari" };

/** @param {string} code */
export const isCode = (code) => CODE.test(code);

// A field for the code, in capitals whatever is typed.
/**
 * @param {Record<string, string>} words
 * @param {string} api address of the API, relative to this page
 * @param {string} problem
 */
export function codeForm(words, api, problem = "") {
  const field = { id: "code", autocomplete: "off", autocapitalize: "characters", spellcheck: false, maxLength: 8 };
  const input = made("input", { ...field, aria: { describedby: "problem" } });
  const told = made("p", { id: "problem", role: "status" }, problem);
  const onsubmit = (event) => {
    event.preventDefault();
    const code = input.value.toUpperCase().replace(/[^A-Z0-9]/g, "");
    if (isCode(code)) return location.assign(new URL(`${api}/../r/${code}`, location.href));
    told.textContent = words["room.phone.start.wrong"];
    input.focus();
  };
  input.oninput = () => {
    const place = input.selectionStart;
    input.value = input.value.toUpperCase();
    input.setSelectionRange(place, place);
  };
  const label = made("label", { htmlFor: "code" }, words["room.phone.start.code"]);
  const send = made("button", { type: "submit", className: "primary" }, words["room.phone.start.go"]);
  return made("form", { onsubmit, noValidate: true }, label, input, told, send);
}

// No more than the kind of device and the browser's family.
export function device() {
  const found = Object.keys(BROWSERS).find((name) => navigator.userAgent.includes(`${name}/`));
  const small = matchMedia("(pointer: coarse) and (max-width: 640px)").matches;
  return { kind: small ? "phone" : "laptop", browser: BROWSERS[found] ?? "other" };
}
