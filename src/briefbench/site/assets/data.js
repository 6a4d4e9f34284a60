// The bullets, column by column, as explorer.py describes them; a bullet is its row number.

const data = JSON.parse(byId("data").textContent);
const SIZE = data.ids.length;
const SPLITS = data.parts;
const TASKS = data.tasks.map((task) => task.name);
const rowOf = new Map(data.ids.map((id, row) => [id, row]));
const labelsOf = Object.fromEntries(data.tasks.map((task) => [task.name, task.labels.map(([name]) => name)]));
const systemOf = new Map(data.systems.map((system) => [system.name, system]));

/** Where a bullet stands among the predicted ones, by row; -1 where it was not predicted. */
const predictedAt = new Int32Array(SIZE).fill(-1);
data.reference.bullets.forEach((row, place) => { predictedAt[row] = place; });

/** A value of a column that travels as distinct values and codes. */
const column = (name, row) => data.columns[name].values[data.columns[name].codes[row]];

const goldLabel = (task, row) => labelsOf[task][data.gold[task][row]];

/** The split of a bullet in a protocol, or null where it is in none. */
const splitOf = (protocol, row) => SPLITS[data.splits[protocol][row]] ?? null;

/** The tasks on which the counted votes differ. */
const disputedTasks = (row) => TASKS.filter((_, code) => data.disputed[row] & (1 << code));

/** The label that a system predicts, or null where it predicts none. */
function prediction(system, task, row) {
  const place = predictedAt[row];
  return place < 0 || !system.labels[task] ? null : labelsOf[task][system.labels[task][place]];
}
