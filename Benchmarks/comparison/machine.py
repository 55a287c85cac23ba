"""What the figures were measured on."""

import datetime, os, pathlib, platform, subprocess


def _first(path, prefix):
    """What follows the first colon or equals sign of the first line that starts so."""
    try:
        lines = pathlib.Path(path).read_text().splitlines()
    except OSError:
        return ""
    found = next((line for line in lines if line.startswith(prefix)), "")
    return found[len(prefix) :].lstrip(" \t:=").strip('" \n')


def describe(peak, torch_version, busy):
    """A dictionary; `peak` is the answer of `EngineBenchmarks peak`, torch_version may be None, `busy` a share."""
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout
    kilobytes = _first("/proc/meminfo", "MemTotal").split() or ["0"]
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "processor": _first("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "threads": peak["threads"],
        "instruction_set": peak["instruction_set"],
        "peak_gigaflops": round(peak["gigaflops"], 1),
        "memory_gigabytes": round(int(kilobytes[0]) * 1024 / 1e9, 1),
        "system": f"{_first('/etc/os-release', 'PRETTY_NAME') or platform.system()}, Linux {platform.release()}",
        "swift": next((line.strip() for line in swift.splitlines() if "Swift version" in line), "unknown"),
        "python": platform.python_version(),
        "torch": torch_version,
        "busy_with_other_programs": round(busy, 3),
    }
