// Where a visitor has come to another page or step: its top, and the focus on its heading, which a screen reader reads.
const APP = "[data-testid=stApp]";
const MAIN = "[data-testid=stMain]";

/** What was on the page before is marked as stale until the server has sent all of the new one. */
const heading = () =>
  [...document.querySelectorAll(`${MAIN} h1`)].find((found) => !found.closest("[data-stale=true]"));

const finished = () => document.querySelector(APP)?.dataset.testScriptState === "notRunning";

const arrive = () => {
  const found = heading();
  if (!found) return;
  document.querySelector(MAIN).scrollTo(0, 0);
  found.tabIndex = -1;
  found.blur(); // the element may be the one before with another text: it is read again only if it gets the focus anew
  found.focus({ preventScroll: true });
};

export default function ({ data }) {
  const [place] = data;
  const before = window.streamwisePlace;
  window.streamwisePlace = place;
  // The first page is read from its beginning, as the browser does it; an address may lead to a part of a page.
  if (before === undefined || before === place || location.hash) return undefined;
  if (finished()) requestAnimationFrame(arrive);
  const observer = new MutationObserver(() => {
    if (!finished()) return;
    observer.disconnect();
    requestAnimationFrame(arrive);
  });
  if (!finished()) observer.observe(document.querySelector(APP), { attributeFilter: ["data-test-script-state"] });
  return () => observer.disconnect();
}
