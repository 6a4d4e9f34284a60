// Elements: text always goes in as text, so nothing that a bullet holds is ever read as markup.

const byId = (id) => document.getElementById(id);

/** Make an element with attributes and children; strings become text, null and undefined are left out. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Make text for people who do not see the page. */
const unseen = (text) => make("span", { class: "unseen" }, text);

/** A name from the data, kept from turning the text around it when it runs from right to left. */
const isolated = (text, attributes) => make("bdi", attributes, text);

const count = (number) => number.toLocaleString("en-US");

const words = (name) => name.replaceAll("_", " ");

/** A link to a source page, or the address as text where it is no http or https address. */
function outside(url) {
  if (!/^https?:\/\//i.test(url)) return isolated(url);
  return make("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, url);
}
