// The list of results, one page at a time, with at most one bullet open.

const PAGE = 50;

/** A bullet of the list: who and when, the text with its marks, and its labels. */
function item(row, state, marks) {
  const id = data.ids[row];
  const open = state.open === row;
  const panel = make("div", { class: "detail", id: `detail-${id}`, hidden: !open }, open ? detailOf(row) : null);
  return make("li", { class: open ? "bullet open" : "bullet", "data-row": row },
    make("button", { type: "button", class: "toggle", "aria-expanded": String(open), "aria-controls": `detail-${id}` },
      make("span", { class: "date" }, column("date", row) ?? "undated"),
      isolated(column("publisher", row)),
      make("span", { class: "id" }, id)),
    make("p", { class: "text", dir: "auto" }, marked(row, marks)),
    make("ul", { class: "chips", "aria-label": "Gold labels" }, chips(row)),
    predictedLine(row, state),
    panel);
}

/** The text in pieces: the phrase that names the source, and what the search found. */
function marked(row, marks) {
  const text = data.texts[row];
  const [start, end] = data.spans[row] || [0, 0];
  const hits = marks ? [...text.matchAll(marks)].map((found) => [found.index, found.index + found[0].length]) : [];
  const cuts = [...new Set([0, start, end, text.length, ...hits.flat()])].sort((a, b) => a - b);
  return cuts.slice(1).map((cut, place) => {
    const from = cuts[place];
    let piece = text.slice(from, cut);
    if (hits.some(([a, b]) => a <= from && cut <= b)) piece = make("mark", {}, piece);
    if (start <= from && cut <= end) piece = make("span", { class: "phrase", title: "the phrase that names the source" }, piece);
    return piece;
  });
}

function chips(row) {
  const labels = TASKS.map((task) => make("li", {}, unseen(`${words(task)} `), goldLabel(task, row)));
  const disputed = disputedTasks(row);
  return disputed.length ? [...labels, make("li", { class: "disputed" }, `disputed: ${disputed.map(words).join(", ")}`)] : labels;
}

/** What the chosen system predicts. */
function predictedLine(row, state) {
  const system = systemOf.get(state.system);
  if (!system || predictedAt[row] < 0) return null;
  const tasks = (state.task ? [state.task] : TASKS).filter((task) => system.labels[task]);
  const verdicts = tasks.map((task) => {
    const label = prediction(system, task, row);
    return verdict(label, label === goldLabel(task, row));
  });
  return make("p", { class: "predicted" }, make("span", {}, isolated(system.name), " predicts"), verdicts);
}

/** Open or close a bullet that is in the list already; what was open closes, and the bullet stays where it is. */
function toggle(list, state, row) {
  const chosen = list.querySelector(`[data-row="${row}"]`);
  const before = chosen.getBoundingClientRect().top;
  for (const element of list.querySelectorAll(".open")) setOpen(element, false);
  state.open = state.open === row ? null : row;
  if (state.open === row) setOpen(chosen, true);
  window.scrollBy({ top: chosen.getBoundingClientRect().top - before, behavior: "instant" });
}

function setOpen(element, open) {
  const panel = element.querySelector(".detail");
  element.classList.toggle("open", open);
  element.querySelector(".toggle").setAttribute("aria-expanded", String(open));
  panel.hidden = !open;
  panel.replaceChildren(...(open ? detailOf(Number(element.dataset.row)).filter((child) => child !== null) : []));
}
