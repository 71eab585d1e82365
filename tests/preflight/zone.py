"""An imitation of the name system: what a dictionary says, and nothing else."""

from dataclasses import dataclass, field

from publisher.net import Records, Unanswered


@dataclass
class Zone:
    """Records by (name, kind); a name without any does not exist. `silent` names get no answer."""

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def __call__(self, name: str, kind: str) -> Records | Unanswered:
        self.asked.append((name, kind))
        if name in self.silent:
            return Unanswered(reason=f"{name}: timeout")
        found = self.records.get((name, kind), [])
        return Records(records=tuple(found), exists=any(known == name for known, _ in self.records))

    def txt(self, name: str, *texts: str) -> "Zone":
        self.records[name, "TXT"] = [*texts]
        return self
