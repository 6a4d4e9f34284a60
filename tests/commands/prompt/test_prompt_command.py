"""``briefbench baseline prompt``: what it sends, writes, says and refuses, and that the key stays secret."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from briefbench import __version__
from briefbench.baselines.base import Examples
from briefbench.baselines.prompting import client
from briefbench.commands import main
from briefbench.schema import TASK_NAMES
from endpoint_support import KEY, Asked, arguments, endpoint

Refused = Callable[..., str]


def scores(capsys: pytest.CaptureFixture[str], out: str = "p.parquet") -> dict[str, float]:
    capsys.readouterr()
    assert main(["evaluate", out, "--json", "--resamples", "10"]) == 0
    return {task["task"]: task["accuracy"]["value"] for task in json.loads(capsys.readouterr().out)["tasks"]}


def test_labels_are_written_with_a_record_and_score_what_they_are(
    project: Path, knowing: Callable[[Asked], None], capsys: pytest.CaptureFixture[str]
) -> None:
    with endpoint(knowing) as fake:
        assert main(arguments(fake)) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out == (
        "12 bullets, 0 without labels (they count as wrong), 0 asked twice; "
        "this run used 12 requests, 1,200 tokens in and 240 out\n"
        "p.parquet: briefbench evaluate p.parquet --split weeks/test\n"
    )
    assert scores(capsys) == dict.fromkeys(TASK_NAMES, 1.0)
    record = json.loads(Path("p.json").read_text())
    assert len(record.pop("prompt")) == len(record.pop("data")) == 64
    assert record == {
        "version": __version__,
        "model": "tiny",
        "answered_by": ["tiny-2"],
        "endpoint": fake.url,
        "split": "weeks/test",
        "shots": [],
        "seed": 12345,
        "temperature": 0,
        "max_tokens": 200,
        "bullets": 12,
        "without_labels": 0,
        "asked_again": 0,
        "answers": 12,
        "answers_formatted": 12,
        "tokens_in": 1200,
        "tokens_out": 240,
        "answers_without_tokens": 0,
    }
    assert sorted(path.name for path in project.glob("p.*") if path.suffix != ".lock") == [
        "p.answers.jsonl",
        "p.json",
        "p.parquet",
    ]


def test_a_bullet_without_labels_is_written_as_wrong_in_every_task_and_counted(
    project: Path, parts: dict[str, Examples], knowing: Callable[[Asked], None], capsys: pytest.CaptureFixture[str]
) -> None:
    silent = set(parts["test"].texts[:3])
    with endpoint(lambda one: one.say("Hard to say.") if one.bullet in silent else knowing(one)) as fake:
        assert main(arguments(fake)) == 0
    assert "12 bullets, 3 without labels (they count as wrong), 3 asked twice" in capsys.readouterr().out
    assert scores(capsys) == dict.fromkeys(TASK_NAMES, 0.75)
    record = json.loads(Path("p.json").read_text())
    assert (record["without_labels"], record["asked_again"], record["tokens_in"]) == (3, 3, 1500)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_examples_come_from_the_train_part_of_the_protocol_only(
    project: Path, parts: dict[str, Examples], seed: str
) -> None:
    with endpoint() as fake:
        assert main(arguments(fake, "--shots", "6", "--seed", seed)) == 0
    shown = {
        json.loads(message["content"])["bullet"]
        for one in fake.asked
        for message in one.body["messages"][1:-1]
        if message["role"] == "user"
    }
    assert len(shown) == 6
    assert shown <= set(parts["train"].texts)
    assert not shown & {*parts["validation"].texts, *parts["test"].texts}
    record = json.loads(Path("p.json").read_text())
    assert set(record["shots"]) <= set(parts["train"].bullet_ids)
    assert {one.body["seed"] for one in fake.asked} == {int(seed)}


def test_another_part_is_asked_about_on_request(
    project: Path, parts: dict[str, Examples], capsys: pytest.CaptureFixture[str]
) -> None:
    with endpoint() as fake:
        assert main(arguments(fake, "--split", "weeks/validation")) == 0
    assert sorted(fake.bullets) == sorted(parts["validation"].texts)
    assert main(["evaluate", "p.parquet", "--split", "weeks/validation", "--resamples", "10"]) == 0


def test_the_order_of_answers_and_the_number_at_a_time_change_no_byte(project: Path) -> None:
    with endpoint() as fake:
        for out, concurrency in (("a.parquet", "1"), ("b.parquet", "8")):
            assert main(arguments(fake, "--concurrency", concurrency, out=out)) == 0
    assert Path("a.parquet").read_bytes() == Path("b.parquet").read_bytes()
    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()
    assert len(fake.asked) == 24


LEAKS: dict[str, Callable[[Asked], None]] = {
    "an answer": lambda one: one.say(f"Your key is {KEY}."),
    "a label": lambda one: one.say(json.dumps({"topic": KEY, "stance": KEY, "source_type": KEY})),
    "a refused key": lambda one: one.fail(401, f"Incorrect API key provided: {KEY}"),
    "a refused request": lambda one: one.fail(400, f"Bearer {KEY} asked for too much"),
    "a failure": lambda one: one.send(500, f"<b>Authorization: Bearer {KEY}</b>".encode(), "text/html"),
    "a content type": lambda one: one.send(200, b"{}", KEY),
    "a redirect": lambda one: one.fail(302, Location=f"http://127.0.0.1/{KEY}"),
    "a wrong shape": lambda one: one.send(200, json.dumps({"choices": KEY}).encode()),
    "a model's name": lambda one: one.send(
        200, json.dumps({"model": KEY, "choices": [{"message": {"content": "x"}}]}).encode()
    ),
}


@pytest.mark.parametrize("name", LEAKS)
def test_the_key_is_sent_and_stands_nowhere_else(
    project: Path, name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(client, "ATTEMPTS", 1)
    with endpoint(LEAKS[name]) as fake:
        assert main(arguments(fake)) in (0, 1)
    assert {one.headers["Authorization"] for one in fake.asked} == {f"Bearer {KEY}"}
    out, err = capfd.readouterr()
    assert KEY not in out + err
    written = [path for path in project.glob("p.*") if path.is_file()]
    assert written
    assert not any(KEY.encode() in path.read_bytes() for path in written)
    if Path("p.parquet").exists():
        assert KEY not in str(pq.read_table("p.parquet").to_pylist())


def test_an_endpoint_that_refuses_is_named_in_one_line(project: Path, refused: Refused) -> None:
    with endpoint(lambda one: one.fail(404)) as fake:
        assert f"{fake.url} has no such model, or no chat/completions (404)" in refused(*arguments(fake))
    assert not Path("p.parquet").exists()


def test_what_an_endpoint_says_cannot_move_the_terminal(project: Path, refused: Refused) -> None:
    with endpoint(lambda one: one.fail(402, "\x1b[2J\x1b]0;owned\x07 no money")) as fake:
        message = refused(*arguments(fake))
    assert "\x1b" not in message
    assert "no money" in message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--out", "p.csv"], "p.csv: predictions are written as Parquet; name a file that ends in .parquet"),
        (["--out", "folder.parquet"], "folder.parquet: cannot be written: it is no regular file"),
        (["--max-cost", "1"], "--max-cost needs --price-in and --price-out"),
        (["--price-in", "1"], "give both prices, --price-in and --price-out"),
        (["--split", "weeks/train", "--shots", "1"], "examples are drawn from the train part"),
        (["--split", "weeks/exam"], "no split 'weeks/exam'"),
        (["--endpoint", "http://me:secret-word@127.0.0.1/v1"], "no name, password or query"),
        (["--cache", "notes.txt"], "notes.txt: not a file of answers"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_asked(
    project: Path, refused: Refused, options: list[str], message: str
) -> None:
    Path("folder.parquet").mkdir()
    Path("notes.txt").write_text("mine\n")
    with endpoint() as fake:
        said = refused(*arguments(fake, *options))
    assert message in said
    assert "secret-word" not in said
    assert fake.asked == []
    assert Path("notes.txt").read_text() == "mine\n"


@pytest.mark.parametrize(
    "options",
    [["--shots", "65"], ["--max-cost", "nan"], ["--timeout", "0"], ["--concurrency", "0"], ["--price-in", "-1"]],
)
def test_an_option_out_of_bounds_is_wrong_usage(options: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["baseline", "prompt", "--endpoint", "x", "--model", "m", "--out", "p.parquet", *options])
    assert stopped.value.code == 2


def test_no_option_takes_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["baseline", "prompt", "--help"])
    assert not any(line.split()[0].startswith("--api") for line in capsys.readouterr().out.splitlines() if line.split())
