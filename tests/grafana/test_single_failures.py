"""However often a target is probed: one failed run fires nothing, three hours of failures do."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.grafana.shipped import RULES, promtool

pytestmark = pytest.mark.timeout(600)

WHO = 'job="llmprobe", instance="m", target="acme/large", provider="acme", model="large"'
COUNTED = f'{WHO}, kind="completion"'
HOURS = 3
ALL_ALERTS = f"count(count_over_time(ALERTS[{HOURS}h]))"


def history(interval_seconds: int, failed_slots: range) -> list[dict[str, str]]:
    """Write the series of a target whose runs in *failed_slots* time out."""
    runs = HOURS * 3600 // interval_seconds
    before, failed = failed_slots.start, len(failed_slots)
    failures = f"0x{before - 1} 1+1x{failed - 1} {failed}x{runs}"
    streak = f"0x{before - 1} 1+1x{failed - 1} 0x{runs}"
    return [
        {
            "series": f'llmprobe_target_info{{{WHO}, group="g", simulated="false"}}',
            "values": f"1x{runs}",
        },
        {"series": f"llmprobe_probes_total{{{COUNTED}}}", "values": f"0+1x{runs}"},
        {
            "series": f'llmprobe_probe_failures_total{{{COUNTED}, outcome="timeout"}}',
            "values": failures,
        },
        {"series": f"llmprobe_consecutive_failures{{{WHO}}}", "values": streak},
        {"series": f'llmprobe_state{{{WHO}, state="down"}}', "values": f"0x{runs}"},
        {"series": f'llmprobe_state{{{WHO}, state="degraded"}}', "values": streak},
        {"series": f"llmprobe_routing_weight{{{WHO}}}", "values": f"1x{runs}"},
        {
            "series": 'llmprobe_group_panic{job="llmprobe", instance="m", group="g"}',
            "values": f"0x{runs}",
        },
        {"series": 'up{job="llmprobe", instance="m"}', "values": f"1x{runs}"},
    ]


def is_silent(folder: Path, interval_seconds: int, failed_slots: range) -> bool:
    """Say whether no alert was pending or firing in all that time."""
    test = {
        "interval": f"{interval_seconds}s",
        "input_series": history(interval_seconds, failed_slots),
        "promql_expr_test": [{"expr": ALL_ALERTS, "eval_time": f"{HOURS}h", "exp_samples": []}],
    }
    case = {
        "rule_files": [str(path) for path in RULES],
        "evaluation_interval": "30s",
        "tests": [test],
    }
    path = folder / "case.yml"
    path.write_text(yaml.safe_dump(case))
    command = [promtool(), "test", "rules", str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert "error" not in done.stderr, done.stderr
    return done.returncode == 0


@pytest.mark.parametrize("interval_seconds", [10, 15, 30, 60, 120, 300])
def test_one_failed_run_fires_nothing(tmp_path: Path, interval_seconds: int) -> None:
    middle = HOURS * 3600 // interval_seconds // 2

    assert is_silent(tmp_path, interval_seconds, range(middle, middle + 1))


@pytest.mark.parametrize("interval_seconds", [10, 300])
def test_one_failed_run_of_a_target_that_is_new_fires_nothing(
    tmp_path: Path, interval_seconds: int
) -> None:
    assert is_silent(tmp_path, interval_seconds, range(1, 2))


@pytest.mark.parametrize("interval_seconds", [10, 60, 300])
def test_many_failed_runs_do_fire(tmp_path: Path, interval_seconds: int) -> None:
    runs = HOURS * 3600 // interval_seconds

    assert not is_silent(tmp_path, interval_seconds, range(runs // 3, runs - 1))
