"""How fast the command line and the import are. Peer: the bare interpreter, and importing scikit-learn."""

from measure import process_seconds, report


def main() -> None:
    """Measure whole processes."""
    bare = process_seconds(["-c", "pass"])
    peer = process_seconds(["-c", "import sklearn"], runs=5)
    report("briefbench --help", process_seconds(["-m", "briefbench", "--help"]), "bare interpreter", bare)
    report("import briefbench", process_seconds(["-c", "import briefbench"]), "bare interpreter", bare)
    report("import briefbench", process_seconds(["-c", "import briefbench"]), "import sklearn", peer)


if __name__ == "__main__":
    main()
