"""Expressions over columns: one language, whichever library computes them.

They are Python's, as pandas' `query` and `eval` have them: names of columns (in backticks where they have
other characters), numbers, texts, True, False, None; `+ - * / %`; comparisons, also chained; `in` and `not
in` a list, `is None`; `and`, `or`, `not`, for which `&`, `|` and `~` are other spellings; `a if c else b`;
and the functions of `FUNCTIONS`. A null makes what is computed of it null; a row stays where its condition
is true.
"""

from __future__ import annotations

import ast
import re

from ... import errors

# How many arguments each function takes.
FUNCTIONS = {
    "abs": 1, "sqrt": 1, "floor": 1, "ceil": 1, "float": 1, "lower": 1, "upper": 1, "strip": 1, "length": 1,
    "startswith": 2, "endswith": 2, "contains": 2, "concat": 2, "coalesce": 2, "year": 1, "month": 1,
    "day": 1, "date": 1, "timestamp": 1}
# Their second argument, or only one, is a text that is written out.
_TEXTS = {"startswith": 1, "endswith": 1, "contains": 1, "date": 0, "timestamp": 0}

_OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%", ast.Eq: "==", ast.NotEq: "!=",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_WORDS = {"&": " and ", "&&": " and ", "|": " or ", "||": " or ", "~": " not ", "!": " not "}
_CONSTANTS = {"true": True, "false": False, "null": None}
_SCANNED = re.compile(r"""('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|`([^`]*)`|(&&?|\|\|?|~|!(?!=))""")


class Expression:
    """A parsed expression."""

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise errors.ArgumentError(f"an expression is a text, not {type(text).__name__}")
        self.text = text
        self._quoted: list[str] = []
        try:
            parsed = ast.parse("(" + _SCANNED.sub(self._replaced, text.strip()) + "\n)", mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
            hint = "; equality is ==" if re.search(r"(?<![=!<>])=(?!=)", text) else ""
            raise self._refused(f"it cannot be read ({getattr(problem, 'msg', problem)}{hint})") from None
        self._root = parsed.body
        self.columns: list[str] = []
        self._visit(self._root, None)

    def _replaced(self, match: re.Match) -> str:
        text, name, sign = match.groups()
        if text is not None:
            return text
        if name is None:
            return _WORDS[sign]
        self._quoted.append(name)
        return f"_quoted_{len(self._quoted) - 1}_"

    def _refused(self, why: str) -> errors.ArgumentError:
        return errors.ArgumentError(f"expression {self.text!r}: {why}")

    def build(self, dialect) -> object:
        """The expression in the words of a library."""
        return self._visit(self._root, dialect)

    def _visit(self, node: ast.AST, to) -> object:
        """The expression of a node; with None for a dialect it is only checked."""
        visit = self._visit
        if isinstance(node, ast.Name):
            name = self._name(node.id)
            if not isinstance(name, str):
                return to and to.literal(name[0])
            if name not in self.columns:
                self.columns.append(name)
            return to and to.column(name)
        if isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float, str, type(None))):
            return to and to.literal(node.value)
        if isinstance(node, ast.UnaryOp):
            part = visit(node.operand, to)
            if isinstance(node.op, ast.Not):
                return to and to.inverse(part)
            if isinstance(node.op, ast.USub):
                return to and to.binary("-", to.literal(0), part)
            return part
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            left, right = visit(node.left, to), visit(node.right, to)
            return to and to.binary(_OPERATORS[type(node.op)], left, right)
        if isinstance(node, ast.BoolOp):
            parts = [visit(part, to) for part in node.values]
            return to and to.all(parts) if isinstance(node.op, ast.And) else to and to.any(parts)
        if isinstance(node, ast.Compare):
            parts, left = [], node.left
            for operator, right in zip(node.ops, node.comparators):
                parts.append(self._comparison(left, operator, right, to))
                left = right
            return to and (to.all(parts) if len(parts) > 1 else parts[0])
        if isinstance(node, ast.IfExp):
            parts = [visit(part, to) for part in (node.test, node.body, node.orelse)]
            return to and to.choice(*parts)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            return self._call(node, to)
        raise self._refused(f"{ast.unparse(node)!r} is not among what expressions have")

    def _name(self, name: str):
        if name in _CONSTANTS:
            return (_CONSTANTS[name],)
        found = re.fullmatch(r"_quoted_(\d+)_", name)
        return name if found is None else self._quoted[int(found.group(1))]

    def _comparison(self, left: ast.AST, operator: ast.cmpop, right: ast.AST, to) -> object:
        one = self._visit(left, to)
        if isinstance(operator, (ast.In, ast.NotIn)):
            if not isinstance(right, (ast.List, ast.Tuple, ast.Set)):
                raise self._refused("behind 'in' stands a list")
            values = [self._literal(item) for item in right.elts]
            found = to and to.is_in(one, values)
            return to and (to.inverse(found) if isinstance(operator, ast.NotIn) else found)
        is_none = isinstance(right, ast.Constant) and right.value is None or (
            isinstance(right, ast.Name) and right.id == "null")
        if isinstance(operator, (ast.Is, ast.IsNot)) and is_none:
            found = to and to.is_null(one)
            return to and (to.inverse(found) if isinstance(operator, ast.IsNot) else found)
        if type(operator) not in _OPERATORS:
            raise self._refused("behind 'is' stands None")
        other = self._visit(right, to)
        return to and to.compare(_OPERATORS[type(operator)], one, other)

    def _literal(self, node: ast.AST) -> object:
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError):
            value = None
        if not isinstance(value, (bool, int, float, str)):
            raise self._refused(f"a list has numbers, texts and truth values, not {ast.unparse(node)}")
        return value

    def _call(self, node: ast.Call, to) -> object:
        name = node.func.id
        if name not in FUNCTIONS:
            raise self._refused(
                f"there is no function {name!r}{nearest(name, FUNCTIONS)}; there are {', '.join(FUNCTIONS)}")
        if len(node.args) != FUNCTIONS[name] and not (name in ("coalesce", "concat") and len(node.args) > 1):
            raise self._refused(f"{name}() takes {FUNCTIONS[name]} arguments")
        place = _TEXTS.get(name)
        arguments = []
        for index, argument in enumerate(node.args):
            if index == place:
                if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
                    raise self._refused(f"{name}() needs a text in quotes")
                arguments.append(argument.value)
            else:
                arguments.append(self._visit(argument, to))
        if name in ("date", "timestamp"):
            import datetime

            kind = datetime.date if name == "date" else datetime.datetime
            try:
                value = kind.fromisoformat(arguments[0])
            except ValueError as problem:
                raise self._refused(str(problem)) from None
            return to and to.literal(value)
        return to and to.call(name, *arguments)


def nearest(name: str, names) -> str:
    """`; did you mean …?`, or nothing."""
    import difflib

    found = difflib.get_close_matches(str(name), list(names), 1)
    return f"; did you mean {found[0]!r}?" if found else ""
