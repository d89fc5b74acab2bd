// Elements of a page: makes one, and writes into one. Text is always text, never markup.
export const part = (kind, textContent, className = "") => Object.assign(document.createElement(kind), { textContent, className });

// Writes only what is new, so that nothing is drawn or read aloud again.
export const put = (node, text) => node.textContent !== text && (node.textContent = text);
