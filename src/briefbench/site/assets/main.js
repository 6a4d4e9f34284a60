// The page: controls to state, state to list and address.

const list = byId("results");
const form = document.querySelector("form");
let state = blank();
let found = { rows: [], counts: {} };

/** Show a state: the controls, the results, the counts of every choice, the address; return what was passed over. */
function show(next, { jump = false } = {}) {
  state = next;
  const complaints = fillControls();
  found = select(state);
  const place = found.rows.indexOf(state.open);
  if (jump && place >= 0) state.page = Math.floor(place / PAGE) + 1;
  if (place < 0 && !jump) state.open = null;
  renderPage();
  showCounts();
  remember();
  return complaints;
}

/** Put the state into the controls; return a sentence for every choice that does not exist, which is dropped. */
function fillControls() {
  const complaints = [];
  const labels = labelsOf[state.task] ?? [];
  byId("predicted").replaceChildren(byId("predicted").options[0], ...labels.map((name) => make("option", { value: name }, name)));
  for (const name of FIELDS) {
    const control = byId(name);
    control.value = state[name];
    if (control.value !== state[name]) {
      complaints.push(`The link asks for ${words(name)} “${state[name]}”, which is not here; it is passed over.`);
      state[name] = control.value = "";
    }
  }
  allow(complaints);
  return complaints;
}

/** Keep the filters on predictions to what makes sense: they need a system, a predicted label needs a task. */
function allow(complaints) {
  byId("task").disabled = byId("outcome").disabled = !state.system;
  byId("predicted").disabled = !(state.system && state.task);
  for (const name of ["task", "outcome", "predicted"]) {
    if (byId(name).disabled && state[name]) {
      complaints.push(`${words(name)} “${state[name]}” needs a ${state.system ? "task" : "system"}; it is passed over.`);
      state[name] = byId(name).value = "";
    }
  }
  for (const select of form.querySelectorAll("select")) select.classList.toggle("set", select.value !== "");
  const active = FIELDS.filter((name) => name !== "q" && state[name]).length;
  byId("active").textContent = active ? `(${active} set)` : "";
}

function renderPage() {
  const pages = Math.max(1, Math.ceil(found.rows.length / PAGE));
  state.page = Math.min(state.page, pages);
  const first = (state.page - 1) * PAGE;
  const rows = found.rows.slice(first, first + PAGE);
  const marks = pattern(terms(state.q));
  list.replaceChildren(...rows.map((row) => item(row, state, marks)));
  list.start = first + 1;
  byId("count").textContent = found.rows.length === SIZE ? `${count(SIZE)} bullets` : `${count(found.rows.length)} of ${count(SIZE)} bullets`;
  byId("range").textContent = rows.length ? `${count(first + 1)} to ${count(first + rows.length)}` : "";
  byId("previous").disabled = state.page === 1;
  byId("next").disabled = state.page === pages;
}

/** Say beside every choice how many bullets it would leave. */
function showCounts() {
  for (const [name, counts] of Object.entries(found.counts)) {
    if (name === "system") continue;
    for (const option of byId(name).options) {
      if (option.value) option.text = `${option.dataset.words ?? option.value} (${count(counts.get(option.value) ?? 0)})`;
    }
  }
  if (state.system) return;
  for (const option of byId("outcome").options) option.text = option.dataset.words ?? option.text;
}

function remember() {
  const fragment = writeFragment(state);
  if (fragment !== (location.hash || "#")) history.replaceState(null, "", fragment);
}

function say(sentences) {
  byId("notice").textContent = sentences.join(" ");
  byId("notice").hidden = sentences.length === 0;
}

/** Go to what the address says. */
function follow() {
  const { state: next, complaints } = readFragment(location.hash);
  const wanted = next.open;
  complaints.push(...show(next, { jump: true }));
  const element = list.querySelector(`[data-row="${wanted}"]`);
  if (wanted !== null && !element) complaints.push(`Bullet ${data.ids[wanted]} is not among those that the filters leave.`);
  say(complaints);
  if (element) enter(element);
}

/** Bring a bullet into view and put the focus on it. */
function enter(element) {
  element.querySelector(".toggle").focus({ preventScroll: true });
  element.scrollIntoView({ block: element.classList.contains("open") ? "start" : "nearest" });
}

function turn(step, { last = false, opened = false } = {}) {
  state.page += step;
  state.open = null;
  renderPage();
  const target = last ? list.lastElementChild : list.firstElementChild;
  if (opened) toggle(list, state, Number(target.dataset.row));
  remember();
  enter(target);
}

/** Walk to the next or previous bullet; where one is open, the next one opens. */
function walk(step) {
  const here = document.activeElement.closest(".bullet");
  const target = here ? (step > 0 ? here.nextElementSibling : here.previousElementSibling) : list.firstElementChild;
  if (!target) {
    if (!byId(step > 0 ? "next" : "previous").disabled) turn(step, { last: step < 0, opened: state.open !== null });
    return;
  }
  if (state.open !== null) {
    toggle(list, state, Number(target.dataset.row));
    remember();
  }
  enter(target);
}

function changed() {
  const next = { ...state, page: 1 };
  for (const name of FIELDS) next[name] = byId(name).value;
  if (!next.system) next.task = next.outcome = next.predicted = "";
  if (!next.task || next.task !== state.task) next.predicted = "";
  say(show(next));
}

// Whoever types gets the results of the whole word; a choice takes effect at once.
let waiting = 0;
form.addEventListener("input", (event) => {
  clearTimeout(waiting);
  if (event.target.id === "q") waiting = setTimeout(changed, 80);
  else changed();
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  say(show(blank()));
});
list.addEventListener("click", (event) => {
  const button = event.target.closest(".toggle");
  if (!button) return;
  toggle(list, state, Number(button.closest(".bullet").dataset.row));
  remember();
});
list.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const onHead = event.target.matches(".toggle, #results");
  const step = { j: 1, k: -1, ...(onHead ? { ArrowDown: 1, ArrowUp: -1 } : {}) }[event.key];
  if (!step) return;
  event.preventDefault();
  walk(step);
});
byId("previous").addEventListener("click", () => turn(-1));
byId("next").addEventListener("click", () => turn(1));
window.addEventListener("hashchange", () => (location.hash === "#results" ? remember() : follow()));
const narrow = matchMedia("(width < 58rem)");
const fold = () => { document.querySelector(".more").open = !narrow.matches; };
narrow.addEventListener("change", fold);
fold();
follow();
performance.mark("bullets-listed");
