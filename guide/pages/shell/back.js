// Back leads to the page and the place that were left: a page scrolls inside of a part, where no browser remembers how far.
{
  const LOOKS_MS = 50;
  const HELD_MS = 300; // a run may begin once more, and change the page under what was scrolled to
  const ARRIVES_MS = 10000; // until the other page is there; till then the one that is left stands, and may be scrolled too
  const PATIENCE_MS = 60000; // a slow machine needs long for a page
  const main = () => document.querySelector("[data-testid=stMain]");
  const finished = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning";
  const named = (id) => (id ? document.getElementById(id) : null);

  /** Until the page has stayed there for a while, or the visitor does something. */
  const returnTo = ({ top, near } = {}) => {
    window.streamwiseTop = top; // whoever arrives at a page goes there instead of to its beginning
    if (top === undefined) return;
    const begun = performance.now();
    let [since, acted, arrived, place] = [null, false, false, window.streamwisePlace];
    const act = () => (acted = true);
    for (const what of ["keydown", "pointerdown", "wheel", "popstate"]) {
      addEventListener(what, act, { once: true, capture: true });
    }
    const look = () => {
      const now = performance.now();
      if (acted || now - begun > PATIENCE_MS) return;
      if (window.streamwisePlace !== place) [place, arrived, since] = [window.streamwisePlace, true, null];
      if (!finished()) since = null;
      if (finished() && main()) {
        for (let fold = named(near)?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
          fold.open = true;
        }
        if (Math.abs(main().scrollTop - top) > 1) {
          main().scrollTo(0, top);
          since = now;
        }
        since ??= now;
      }
      if (since === null || now - since < (arrived ? HELD_MS : ARRIVES_MS)) setTimeout(look, LOOKS_MS);
    };
    setTimeout(look);
  };

  // One act of the visitor is one step back: Streamlit writes the parameters of the next page into the address of the last
  // one first, which nobody has seen.
  let pushed = false;
  const push = history.pushState.bind(history);
  history.pushState = (...given) => {
    pushed ? history.replaceState(...given) : push(...given);
    pushed = true;
  };
  for (const what of ["keydown", "pointerdown", "click", "input", "popstate"]) {
    addEventListener(what, () => (pushed = false), true);
  }

  addEventListener("click", (event) => {
    const { button, ctrlKey, metaKey, shiftKey, altKey, target } = event;
    window.streamwiseTop = undefined;
    const near = target.closest?.("[id]")?.id;
    if (main()) history.replaceState({ ...history.state, top: main().scrollTop, near }, "");
    const link = target.closest?.("a.sw-within");
    if (!link || button || ctrlKey || metaKey || shiftKey || altKey) return;
    event.preventDefault(); // to another page without loading everything anew: the session goes along
    history.pushState({}, "", link.href);
    dispatchEvent(new PopStateEvent("popstate", { state: {} }));
    pushed = true;
  }, true);
  addEventListener("popstate", ({ state }) => returnTo(state ?? {}));
  returnTo(history.state ?? {});
}
