"""Writes Tests/Fixtures/avro/canonical_forms.jsonl: random Avro schemas, and what fastavro makes of
them: the Parsing Canonical Form and its CRC-64-AVRO fingerprint (hexadecimal, little-endian).

python Tests/Fixtures/make_avro_schemas.py, with fastavro; the seed is fixed.
"""

import json
import pathlib
import random

from fastavro.schema import fingerprint, to_parsing_canonical_form

TARGET = pathlib.Path(__file__).parent / "avro/canonical_forms.jsonl"
PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
LOGICAL = {
    "int": ["date", "time-millis", "unheard-of"],
    "long": ["timestamp-millis", "local-timestamp-micros", "time-micros"],
    "string": ["uuid"],
    "bytes": ["big-decimal"],
}


class Schemas:
    """One random schema: `type(namespace, depth)` gives its parts."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = []  # full names that may be referred to

    def maybe(self, chance=0.5):
        return self.random.random() < chance

    def shuffled(self, members):
        items = list(members.items())
        self.random.shuffle(items)
        return dict(items)

    def name(self, kind, namespace, members):
        """Gives `members` a new name; returns the namespace that is inherited from it."""
        short = f"{kind}{len(self.names)}"
        way = self.random.randrange(4)
        if way == 0:  # a full name; the namespace beside it counts for nothing
            namespace = self.random.choice(["a", "a.b", "org.example"])
            members["name"] = f"{namespace}.{short}"
            if self.maybe(0.3):
                members["namespace"] = "not.this"
        elif way == 1:
            namespace = self.random.choice(["a", "c.d"])
            members.update(name=short, namespace=namespace)
        else:
            members["name"] = short
        self.names.append(f"{namespace}.{short}" if namespace else short)
        if self.maybe(0.3):
            members["doc"] = "Grüße, \"quoted\""
        if self.maybe(0.2):
            members["aliases"] = ["Old", "x.Older"]
        return namespace

    def reference(self, namespace):
        full = self.random.choice(self.names)
        space, _, short = full.rpartition(".")
        return short if space == namespace and self.maybe() else full

    def type(self, namespace, depth, in_union=False):
        kinds = ["primitive"] * 3 + ["object", "enum", "fixed"]
        if depth > 0:
            kinds += ["record", "record", "array", "map"] + ["union"] * (not in_union)
        # Java and fastavro take a plain name from inside a namespace in different ways.
        if self.names and all("." in name for name in self.names):
            kinds.append("reference")
        kind = self.random.choice(kinds)
        if kind == "primitive":
            return self.random.choice(PRIMITIVES)
        if kind == "reference":
            return self.reference(namespace)
        if kind == "union":
            branches, seen = [], set()
            for _ in range(self.random.randrange(1, 5)):
                branch = self.type(namespace, depth - 1, in_union=True)
                key = branch if isinstance(branch, str) else branch["type"]
                if key not in seen and not (isinstance(branch, str) and "." in branch):
                    branches.append(branch)
                    seen.add(key)
            return branches or ["null"]
        if kind == "object":
            base = self.random.choice(PRIMITIVES)
            members = {"type": base}
            if base in LOGICAL and self.maybe():
                members["logicalType"] = self.random.choice(LOGICAL[base])
            if self.maybe():
                members["custom"] = {"a": [1, None]}
            return self.shuffled(members)
        members = {"type": kind}
        if kind == "array":
            members["items"] = self.type(namespace, depth - 1)
        elif kind == "map":
            members["values"] = self.type(namespace, depth - 1)
        elif kind == "fixed":
            self.name("F", namespace, members)
            members["size"] = self.random.choice([0, 1, 12, 16, 1000])
        elif kind == "enum":
            self.name("E", namespace, members)
            members["symbols"] = [f"S{index}" for index in range(self.random.randrange(1, 5))]
            if self.maybe(0.3):
                members["default"] = "S0"
        else:
            if self.maybe(0.1):
                members["type"] = "error"
            inner = self.name("R", namespace, members)
            members["fields"] = [
                self.field(index, inner, depth) for index in range(self.random.randrange(6))
            ]
        return self.shuffled(members)

    def field(self, index, namespace, depth):
        members = {"name": f"f{index}", "type": self.type(namespace, depth - 1)}
        if self.maybe(0.2):
            members["order"] = self.random.choice(["ascending", "descending", "ignore"])
        if self.maybe(0.2):
            members["aliases"] = ["g"]
        if members["type"] == "int" and self.maybe():
            members["default"] = 7
        if self.maybe(0.2):
            members["note"] = "é"
        return self.shuffled(members)


def main():
    TARGET.parent.mkdir(exist_ok=True)
    seen, lines, seed = set(), [], 0
    while len(lines) < 150:
        seed += 1
        namespace = ""
        schema = Schemas(seed).type(namespace, depth=4)
        text = json.dumps(schema, indent=None if seed % 2 else 1, ensure_ascii=seed % 3 == 0)
        form = to_parsing_canonical_form(json.loads(text))
        if form in seen or len(text) > 1500:
            continue
        seen.add(form)
        lines.append(
            json.dumps(
                {"schema": text, "canonical": form, "fingerprint": fingerprint(form, "CRC-64-AVRO")},
                ensure_ascii=False,
            )
        )
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
