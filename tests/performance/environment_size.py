"""Print how large the environment is on disk, by package, the largest first."""

from __future__ import annotations

from importlib.metadata import Distribution, distributions
from pathlib import Path

SHOWN = 20


def size_bytes(distribution: Distribution) -> int:
    """The files that a package installed."""
    paths = [Path(str(distribution.locate_file(one))) for one in distribution.files or ()]
    return sum(path.stat().st_size for path in paths if path.is_file())


def main() -> None:
    """A line each for the largest packages, one for the others, one for all."""
    sizes = {one.metadata["Name"]: size_bytes(one) for one in distributions()}
    ranked = sorted(sizes.items(), key=lambda pair: -pair[1])
    for name, size in ranked[:SHOWN]:
        print(f"{size / 2**20:8.1f} MB  {name}")
    print(
        f"{sum(size for _, size in ranked[SHOWN:]) / 2**20:8.1f} MB  {len(ranked[SHOWN:])} others"
    )
    print(f"{sum(sizes.values()) / 2**20:8.1f} MB  together, {len(sizes)} packages")


if __name__ == "__main__":
    main()
