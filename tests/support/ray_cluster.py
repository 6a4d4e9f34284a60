"""A program that labels on a Ray cluster of two nodes on this machine, and kills the second node in the middle.

Its arguments are the folder of parts and those of ``briefbench label``; it prints one line of JSON: how the command
ended, what it printed, and how many parts were finished when the node was killed.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# A node that does not answer for some seconds is dead.
_HEALTH = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 1_000,
    "health_check_timeout_ms": 3_000,
    "health_check_failure_threshold": 3,
}
_NODE = {"num_cpus": 1, "object_store_memory": 100_000_000}
_LONGEST = 150


def _main(folder: Path, arguments: list[str]) -> None:
    from ray.cluster_utils import Cluster

    place = tempfile.mkdtemp(prefix="bbray")
    head = _NODE | {"include_dashboard": False, "_system_config": _HEALTH, "temp_dir": place}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        second = cluster.add_node(**_NODE)
        command = [sys.executable, "-m", "briefbench", "label", *arguments, "--ray", cluster.address]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + _LONGEST
        while len(receipts := list((folder / "_receipts").glob("part-*"))) < 2 and process.poll() is None:
            time.sleep(0.01)
            if time.monotonic() > deadline:
                process.kill()
        cluster.remove_node(second, allow_graceful=False)
        out, err = process.communicate(timeout=_LONGEST)
        print(json.dumps({"status": process.returncode, "out": out, "err": err, "finished": len(receipts)}))
    finally:
        cluster.shutdown()
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2:])
