// What an opened bullet shows: votes and predictions beside the gold, meanings, adjudications, where it comes from.

function detailOf(row) {
  const reasons = data.adjudications[row];
  return [
    answers(row),
    predictedAt[row] < 0
      ? make("p", { class: "help" }, `Systems are scored on ${data.reference.split}, which this bullet is not in.`)
      : null,
    reasons ? make("h3", {}, "Adjudications") : null,
    reasons ? make("ul", { class: "reasons" }, reasons.map(adjudication)) : null,
    make("h3", {}, "What the gold labels mean"),
    make("dl", { class: "meanings" }, TASKS.map((task) => meaning(task, row))),
    make("h3", {}, "Who voted"),
    annotators(row),
    make("h3", {}, "Where it comes from"),
    make("dl", { class: "facts" }, facts(row)),
  ];
}

/** The table of who says what: gold, every vote, every prediction. */
function answers(row) {
  const head = ["who", ...TASKS.map(words), "other source types", "phrase of the source"];
  const gold = Object.fromEntries(TASKS.map((task) => [task, goldLabel(task, row)]));
  const systems = predictedAt[row] < 0 ? [] : data.systems;
  const table = make("table", {},
    make("caption", { class: "unseen" }, "Gold label, votes and predictions"),
    make("thead", {}, make("tr", {}, head.map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, make("tr", { class: "gold" },
      make("th", { scope: "row", class: "who" }, "gold"),
      TASKS.map((task) => make("td", {}, gold[task])),
      extras(data.others[row], data.spans[row], row))),
    make("tbody", {}, data.annotators.map((who) => vote(who, row, gold))),
    systems.length ? make("tbody", {}, systems.map((system) => predictions(system, row, gold))) : null);
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Votes and predictions" }, table);
}

function vote(who, row, gold) {
  const place = votePlace(who, row);
  if (place === undefined) return null;
  return make("tr", {},
    make("th", { scope: "row", class: "who" }, isolated(who.name), " ", make("small", {}, who.counts ? "vote" : "uncounted")),
    TASKS.map((task) => {
      const label = labelsOf[task][who.labels[task][place]];
      if (label === gold[task]) return make("td", {}, label);
      return make("td", {}, make("span", { class: "differs" }, "≠ ", label, unseen(" (not the gold label)")));
    }),
    extras(who.others[place], who.spans[place], row));
}

/** Where an annotator's vote on a bullet stands among the annotator's votes; undefined where there is none. */
function votePlace(who, row) {
  who.place ??= new Map(who.bullets.map((bullet, place) => [bullet, place]));
  return who.place.get(row);
}

/** What the annotators of a bullet are. */
function annotators(row) {
  const cast = data.annotators.filter((who) => votePlace(who, row) !== undefined);
  return make("ul", { class: "reasons" }, cast.map((who) => {
    const about = [who.kind, who.model, who.instructions, who.counts ? "counts toward gold" : "does not count toward gold"];
    return make("li", { dir: "auto" }, make("b", {}, isolated(who.name)), " ", isolated(about.filter(Boolean).join(" · ")));
  }));
}

function extras(others, span, row) {
  const phrase = span ? isolated(data.texts[row].slice(...span)) : "none";
  return [make("td", {}, others.map((code) => labelsOf.source_type[code]).join(", ") || "none"), make("td", {}, phrase)];
}

function predictions(system, row, gold) {
  return make("tr", {},
    make("th", { scope: "row", class: "who" }, isolated(system.name), " ", make("small", {}, system.kind)),
    TASKS.map((task) => {
      const label = prediction(system, task, row);
      return label === null ? make("td", {}, "not predicted") : make("td", {}, verdict(label, label === gold[task]));
    }),
    make("td", {}), make("td", {}));
}

/** A predicted label with a mark and a word for right or wrong. */
const verdict = (label, right) =>
  make("span", { class: right ? "right" : "wrong" }, right ? "✓ " : "✗ ", label, unseen(right ? " (right)" : " (wrong)"));

const adjudication = ([task, label, reason]) =>
  make("li", {}, make("b", {}, `${words(task)}: ${label}`), ". ", isolated(reason));

function meaning(task, row) {
  const [name, definition] = data.tasks.find((one) => one.name === task).labels[data.gold[task][row]];
  return make("div", {}, make("dt", {}, `${words(task)} ${name}`), " ", make("dd", {}, definition));
}

function facts(row) {
  const fact = (name, value, whole) => (value === null ? null
    : make("div", { class: whole ? "whole" : null }, make("dt", {}, name), make("dd", { dir: "auto" }, value)));
  const url = data.urls[row];
  return [
    fact("date", column("date", row)),
    fact("ISO week", column("week", row)),
    fact("page published", column("published", row)),
    fact("section", column("section", row) || null),
    fact("publisher", column("publisher", row)),
    fact("outlet", column("outlet", row)),
    fact("provenance", column("provenance", row)),
    ...Object.keys(data.splits).map((protocol) => fact(`split, ${protocol} protocol`, splitOf(protocol, row))),
    fact("source page", url === null ? null : outside(url), true),
    fact("bullet", make("a", { href: `#${encodeURIComponent(data.ids[row])}` }, `link to ${data.ids[row]}`), true),
  ];
}
