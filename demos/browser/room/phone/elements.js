// What every screen of the phone page is made of.

/**
 * An element with properties and children; a child that is text stays text.
 * @param {string} tag
 * @param {Record<string, any>} [properties] data: of the dataset; aria: attributes without their aria-
 * @param {(Node | string)[]} children
 * @returns {any}
 */
export const made = (tag, { data = {}, aria = {}, ...properties } = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  Object.assign(node.dataset, data);
  for (const [name, value] of Object.entries(aria)) node.setAttribute(`aria-${name}`, value);
  node.append(...children);
  return node;
};

/**
 * @param {() => unknown} onclick
 * @param {Record<string, any>} properties
 * @param {(Node | string)[]} children
 */
export const button = (onclick, properties, ...children) => made("button", { type: "button", onclick, ...properties }, ...children);

// A circle for the event stream, a square for the WebSocket.
/** @param {string} transport */
export const shape = (transport) => made("i", { className: "shape", data: { transport }, aria: { hidden: "true" } });
