// What a page holds, through the shadow roots of its components: its headings, its controls' names, what leaves its card.
(() => {
  const main = document.querySelector("[data-testid=stMain]");
  const parentOf = (node) => node.parentElement ?? node.getRootNode().host ?? null;
  const inside = function* (root) {
    for (const node of root.childNodes) {
      yield node;
      if (node.shadowRoot) yield* inside(node.shadowRoot);
      yield* inside(node);
    }
  };
  const all = () => [...inside(main)];
  const seen = (element) =>
    element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && !element.closest("[aria-hidden=true]");

  const headings = () => all().filter((node) => node.tagName === "H1" && seen(node)).map((node) => node.textContent.trim());

  const NAMED = "button, summary";
  // What stands inside of a field is named by the field, and is Streamlit's.
  const FIELDS = "[data-testid=stMultiSelect], [data-testid=stSelectbox]";
  const nameOf = (node) => {
    const by = node.getAttribute("aria-labelledby")?.split(" ") ?? [];
    const named = by.map((id) => node.getRootNode().getElementById(id)).map((one) => one?.ariaLabel ?? one?.textContent);
    return (named.join(" ") || node.ariaLabel || node.textContent).trim().replace(/\s+/g, " ");
  };
  /** Names that several controls share, with how many they are. */
  const shared = () => {
    const found = new Map();
    for (const node of all()) {
      if (!node.matches?.(NAMED) || node.tabIndex < 0 || node.closest(FIELDS) || !seen(node)) continue;
      const name = nameOf(node);
      found.set(name, (found.get(name) ?? 0) + 1);
    }
    return [...found].filter(([, count]) => count > 1).map(([name, count]) => `${count} × ${name}`);
  };

  const FILLS = "button, input, textarea, img, svg, canvas, table, pre";
  const rectsOf = (node) => {
    if (node.nodeType === Node.TEXT_NODE && node.data.trim()) {
      const range = document.createRange();
      range.selectNodeContents(node);
      return [...range.getClientRects()];
    }
    return node.matches?.(FILLS) ? [node.getBoundingClientRect()] : [];
  };
  const isCard = (style) => parseFloat(style.borderLeftWidth) > 0 && parseFloat(style.borderTopLeftRadius) >= 8;
  const hides = (style) => style.overflowX !== "visible" || style.clipPath !== "none";
  /** What stands out of the card that it is in, in words; what scrolls or is cut off inside of the card does not. */
  const outside = () => {
    const found = [];
    for (const node of all()) {
      const element = node.nodeType === Node.TEXT_NODE ? parentOf(node) : node;
      if (!element?.checkVisibility?.() || element.closest("svg") !== (element.tagName === "svg" ? element : null)) continue;
      const rects = rectsOf(node).filter((rect) => rect.width > 1);
      if (!rects.length) continue;
      for (let up = node === element ? parentOf(element) : element; up && up !== main; up = parentOf(up)) {
        const style = getComputedStyle(up);
        if (hides(style)) break;
        if (!isCard(style)) continue;
        const card = up.getBoundingClientRect();
        if (rects.some((rect) => rect.right > card.right + 1 || rect.left < card.left - 1)) {
          found.push(`${(node.data ?? node.textContent).trim().slice(0, 60)} (${element.tagName}) in ${up.className || up.tagName}`);
        }
        break;
      }
    }
    return found;
  };
  return { headings: headings(), shared: shared(), outside: outside() };
})()
