"""The one table of tasks and labels, from which the annotation config, the features, the card and the metrics render.

The order of the labels is part of the format: it fixes the integers of the released ``ClassLabel`` columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from briefbench.errors import UnknownNameError


@dataclass(frozen=True)
class Label:
    """A label: its name, the codebook's definition and, where the codebook gives one, what does not belong to it."""

    name: str
    definition: str
    excludes: str = ""


@dataclass(frozen=True)
class Task:
    """A single-label classification task over a closed, ordered list of labels; its main metric is macro-F1."""

    name: str
    question: str
    labels: tuple[Label, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The label names in their released order."""
        return tuple(label.name for label in self.labels)

    @cached_property
    def codes(self) -> dict[str, int]:
        """The integer of every label name."""
        return {name: code for code, name in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.labels)


TOPIC = Task(
    name="topic",
    question="What is the news?",
    labels=(
        Label(
            "combat",
            "fighting between forces on land, river or sea in Ukraine; advances, retreats, control of places, "
            "offensives, troop movements and losses, tactics and equipment at the front",
            "bombardment of towns (`strikes`)",
        ),
        Label(
            "strikes",
            "missile, drone, air or artillery attacks on towns, infrastructure, ports or other places in "
            "Ukraine away from an assault; their damage and victims; air-defence results",
            "attacks on Russia or Crimea",
        ),
        Label(
            "attacks_on_russia",
            "attacks, raids, drone strikes, sabotage, explosions or targeted killings in Russia or in Crimea, "
            "the Kerch bridge and the Black Sea Fleet included",
            "Russian internal unrest",
        ),
        Label(
            "military_aid",
            "weapons, ammunition, training, intelligence, volunteers or money for either army: asked for, "
            "promised, delivered, refused, produced, bought",
            "budget loans (`economy`); a third country's own defence (`diplomacy`)",
        ),
        Label(
            "diplomacy",
            "talks, peace plans, mediation, visits, summits, alliances and membership, UN votes, expulsions, "
            "positions of states toward each other",
            "grain exports (`economy`), prisoner swaps (`justice`)",
        ),
        Label(
            "economy",
            "sanctions, assets, trade, energy supply and prices, grain exports, companies, budgets and loans",
            "power cuts as living conditions",
        ),
        Label("nuclear", "nuclear plants and material; nuclear weapons, threats, deployments, treaties"),
        Label(
            "justice",
            "war crimes and atrocities, investigations, courts and warrants, prisoners of war and exchanges, "
            "deported children, detained people, rights",
        ),
        Label(
            "humanitarian",
            "civilians' conditions: refugees, evacuations, corridors, relief, floods, heating and power as "
            "daily life, demining, health, schools, rebuilding",
        ),
        Label(
            "domestic_politics",
            "politics inside a country, or inside occupied territory: mobilization, conscription, desertion, "
            "commanders and ministers changed, Wagner's quarrel with the ministry and its mutiny, elections, "
            "polls, protest, dissent, corruption, new laws, occupation rule, staged referendums",
            "states' reactions to a referendum or annexation, war aims (`diplomacy`)",
        ),
        Label(
            "information",
            "propaganda and disinformation, media bans, cyberattacks, leaked documents, espionage",
            "intelligence *about* the front (`combat`)",
        ),
        Label("society", "sport, culture, religion, science, memorials, personal stories"),
    ),
)

STANCE = Task(
    name="stance",
    question="Which side do the reported voices take, of Ukraine's and Russia's in this war?",
    labels=(
        Label(
            "pro_ukraine",
            "a voice supports, praises, arms, funds or sides with Ukraine; condemns Russia or accuses it of a "
            "wrong; sanctions or isolates it; or Ukraine's own voice makes its case (appeals, vows to resist "
            "or win, accuses)",
        ),
        Label(
            "pro_russia",
            "a voice supports, praises, arms or sides with Russia; condemns, threatens or accuses Ukraine or "
            "its backers; opposes or blocks aid to Ukraine or measures against Russia; or Russia's own voice "
            "makes its case (justifies, vows, accuses, threatens)",
        ),
        Label("mixed", "at least one clear voice of each kind"),
        Label("neutral", "no voice takes a side"),
    ),
)

SOURCE_TYPE = Task(
    name="source_type",
    question="On whose word does the main information rest?",
    labels=(
        Label(
            "ukrainian_official",
            "Ukraine's president, ministries, military, agencies, parliament, local authorities, advisers, "
            "state companies",
        ),
        Label(
            "russian_official",
            "the same of Russia, its installed authorities in occupied territory, and regional leaders such as Kadyrov",
        ),
        Label(
            "western_official",
            "governments, militaries and legislators of EU, NATO and G7 members, Australia, New Zealand, "
            "South Korea, Switzerland",
        ),
        Label("other_official", "governments of all other states"),
        Label(
            "international_organization",
            "the UN and its agencies, IAEA, ICC, EU institutions, NATO as a body, OSCE, Red Cross, IMF, "
            "sports federations",
        ),
        Label("armed_group", "Wagner and its chief, volunteer corps, partisans, separatist fighters"),
        Label(
            "unnamed_official",
            'officials, diplomats, intelligence or "sources" who are explicitly unnamed; leaked or '
            "intercepted material",
        ),
        Label(
            "news_media",
            "an outlet's own reporting, verification or analysis; state media where the outlet itself is the origin",
        ),
        Label("expert_ngo", "think tanks, scholars, analysts, pollsters, monitors, rights groups, charities"),
        Label(
            "private_party",
            "companies, businesspeople, residents, witnesses, soldiers speaking for themselves, relatives, "
            "artists, athletes, clergy, opposition politicians out of office",
        ),
        Label("unattributed", "nobody"),
    ),
)

TASKS = (TOPIC, STANCE, SOURCE_TYPE)
TASK_NAMES = tuple(task.name for task in TASKS)

#: The source type of a bullet whose main claim stands on nobody's word; it has no span.
UNATTRIBUTED = "unattributed"

SPLITS = ("train", "validation", "test")
PROTOCOLS = ("weeks", "chronological", "publishers")

#: The split that predictions are scored on unless another is named.
DEFAULT_SPLIT = "weeks/test"

#: Every test part has at least this many bullets of every class that the corpus has.
MIN_TEST_CLASS = 10


def task_of(name: str) -> Task:
    """Return the task called ``name``.

    Raises:
        UnknownNameError: there is no such task.
    """
    for task in TASKS:
        if task.name == name:
            return task
    raise UnknownNameError(f"no task {name!r}; the tasks are {listing(TASK_NAMES)}")


def listing(names: Sequence[str]) -> str:
    """Join names for a message: ``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
