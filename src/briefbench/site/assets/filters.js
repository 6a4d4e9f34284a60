// Filtering and counting. Every filter is a facet: it says which of its choices a bullet belongs to.

const FACETS = [
  ...TASKS.map((task) => ({ name: task, choices: (row) => [goldLabel(task, row)] })),
  { name: "split", choices: (row) => [splitOf("weeks", row)] },
  { name: "disputed", choices: (row) => (data.disputed[row] ? ["any", ...disputedTasks(row)] : ["none"]) },
  { name: "month", choices: (row) => [column("month", row)] },
  { name: "publisher", choices: (row) => [column("publisher", row)] },
];

/** The facets that depend on the chosen system and task; with no system there is none. */
function systemFacets(state) {
  const system = systemOf.get(state.system);
  if (!system) return [];
  const tasks = (state.task ? [state.task] : TASKS).filter((task) => system.labels[task]);
  const right = (row) => tasks.every((task) => prediction(system, task, row) === goldLabel(task, row));
  const predicted = (row) => predictedAt[row] >= 0 && tasks.length > 0;
  return [
    { name: "system", choices: (row) => (predicted(row) ? [state.system] : []), silent: true },
    { name: "outcome", choices: (row) => (predicted(row) ? [right(row) ? "right" : "wrong"] : []) },
    { name: "predicted", choices: (row) => (state.task ? [prediction(system, state.task, row)] : []) },
  ];
}

/** Split a query into what must occur: words, and phrases in quotation marks. */
function terms(query) {
  return [...query.matchAll(/"([^"]+)"|[^\s"]+/g)].map((found) => (found[1] ?? found[0]).trim()).filter(Boolean);
}

/** A pattern for a term, whatever its case; null where there is nothing to look for. */
function pattern(wanted) {
  const literal = wanted.map((term) => term.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return literal.length ? new RegExp(literal.sort((a, b) => b.length - a.length).join("|"), "giu") : null;
}

/**
 * Return the rows that pass every filter, and how many bullets each choice would leave: of its facet's own choice
 * nothing counts, of all others everything.
 */
function select(state) {
  const facets = [...FACETS, ...systemFacets(state)];
  const active = facets.filter((facet) => state[facet.name]);
  const tests = terms(state.q).map((term) => new RegExp(pattern([term]).source, "iu"));
  const counts = Object.fromEntries(facets.map((facet) => [facet.name, new Map()]));
  const rows = [];
  const add = (facet, row) => {
    for (const choice of facet.choices(row)) counts[facet.name].set(choice, (counts[facet.name].get(choice) ?? 0) + 1);
  };
  for (let row = 0; row < SIZE; row += 1) {
    if (!tests.every((test) => test.test(data.texts[row]))) continue;
    const failed = active.filter((facet) => !facet.choices(row).includes(state[facet.name]));
    if (failed.length === 0) rows.push(row);
    if (failed.length === 0) facets.forEach((facet) => add(facet, row));
    else if (failed.length === 1) add(failed[0], row);
  }
  return { rows, counts };
}
