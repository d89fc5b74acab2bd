// Where a visitor has come to another page or step: its top, and the focus on its heading, which a screen reader reads.
const APP = "[data-testid=stApp]";
const MAIN = "[data-testid=stMain]";

/** What was on the page before is marked as stale until the server has sent all of the new one. */
const heading = () =>
  [...document.querySelectorAll(`${MAIN} h1`)].find((found) => !found.closest("[data-stale=true]"));

const finished = () => document.querySelector(APP)?.dataset.testScriptState === "notRunning";

const arrive = (found) => {
  document.querySelector(MAIN).scrollTo(0, window.streamwiseTop ?? 0); // back: where it was left
  found.tabIndex = -1;
  found.blur(); // the element may be the one before with another text: it is read again only if it gets the focus anew
  found.focus({ preventScroll: true });
};

const LOOKS_MS = 50;
const HELD_MS = 1_000; // a run may begin once more, and put another heading in place of the one that has the focus
const PATIENCE_MS = 60_000; // of a visitor who does nothing meanwhile: a page may come late

/** Until the heading has kept the focus for a while, or the visitor does something. */
const seeTo = (place) => {
  const begun = performance.now();
  let [since, acted] = [null, false];
  const act = () => (acted = true);
  for (const what of ["keydown", "pointerdown", "wheel"]) document.addEventListener(what, act, { once: true, capture: true });
  const look = () => {
    const now = performance.now();
    if (acted || window.streamwisePlace !== place || now - begun > PATIENCE_MS) return;
    const found = finished() ? heading() : undefined;
    if (found && (since === null || document.activeElement !== found)) {
      arrive(found);
      since = now;
    }
    if (!found || now - since < HELD_MS) setTimeout(look, LOOKS_MS);
  };
  look();
};

export default function ({ data }) {
  const [place] = data;
  const before = window.streamwisePlace;
  window.streamwisePlace = place;
  // The first page is read from its beginning, as the browser does it; an address may lead to a part of a page.
  if (before === undefined || before === place || location.hash) return;
  seeTo(place);
}
