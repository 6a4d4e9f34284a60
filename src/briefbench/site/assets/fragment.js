// The address: #ID&q=…&topic=…  An id opens its bullet, the rest sets the filters, so that a view can be shared.

const FIELDS = ["q", ...TASKS, "split", "disputed", "month", "publisher", "system", "task", "outcome", "predicted"];
const blank = () => ({ ...Object.fromEntries(FIELDS.map((name) => [name, ""])), page: 1, open: null });

/** Read a fragment; what it asks for and does not exist is returned as sentences. */
function readFragment(fragment) {
  const state = blank();
  const complaints = [];
  const [first, ...rest] = fragment.replace(/^#/, "").split("&");
  const id = first && !first.includes("=") ? new URLSearchParams(`id=${first}`).get("id") : null;
  const fields = new URLSearchParams((id === null ? [first, ...rest] : rest).join("&"));
  for (const [name, value] of fields) {
    if (name === "page") state.page = Math.max(1, Number.parseInt(value, 10) || 1);
    else if (!FIELDS.includes(name)) complaints.push(`The link has the unknown part “${name}”, which is passed over.`);
    else state[name] = value;
  }
  if (id !== null && rowOf.has(id)) state.open = rowOf.get(id);
  else if (id !== null && !["main", "results"].includes(id)) complaints.push(`No bullet has the id “${id}”.`);
  return { state, complaints };
}

function writeFragment(state) {
  const fields = new URLSearchParams();
  for (const name of FIELDS) if (state[name]) fields.set(name, state[name]);
  if (state.page > 1) fields.set("page", state.page);
  const parts = [state.open === null ? "" : encodeURIComponent(data.ids[state.open]), fields.toString()];
  return `#${parts.filter(Boolean).join("&")}`;
}
