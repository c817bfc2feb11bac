"""What of the course's own packages a piece of code uses, found by reading it and not by running.

The unit is a definition: a function, a class or an assignment at the top level of a module. From
the names that the code uses, the definitions are followed that these use in turn, through imports
at the top of a module or inside a function. So a new loader in ``dlcourse.data`` changes nothing
for a page that calls another one. Statements that a module executes when it is imported always
count. Where reading cannot tell which part of a module is used, all of it counts. Comments,
docstrings and annotations do not count, and what is reached only by a name that is made up while
the program runs is not seen.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import io
import sys
import tokenize
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

PACKAGES = ("dlcourse", "autograder")

# Decorators that only change the function beneath them; any other may enter it somewhere.
_LOCAL_DECORATORS = frozenset(
    {
        "dataclass",
        "lru_cache",
        "cache",
        "contextmanager",
        "wraps",
        "total_ordering",
        "runtime_checkable",
    }
)


@dataclass(frozen=True)
class UsedCode:
    """What was found: a digest for each module of which something is used, and the libraries.

    Attributes:
        modules: by the module's name, the digest of those of its definitions that are used.
        libraries: top-level names of other packages that the code and ``dlcourse`` import.
    """

    modules: Mapping[str, str]
    libraries: frozenset[str]


def used_code(
    root: Path, cells: Iterable[str] = (), names: Iterable[str] = (), apart: Collection[str] = ()
) -> UsedCode:
    """What some cells and some definitions use of the packages in ``root``.

    Args:
        root: the folder that holds ``dlcourse`` and ``autograder``; one that is not there is
            looked for where it is installed.
        cells: sources of notebook cells; lines of IPython's own syntax are left out.
        names: modules, all of which counts, or definitions in them, such as
            ``autograder.evidence.verify.verify``.
        apart: packages and modules that are not followed.

    Raises:
        LookupError: when one of ``names`` or ``apart`` does not exist.
        SyntaxError: when a module of the packages is not Python.
    """
    walk = _Walk(root, apart)
    walk.cells(cells)
    for name in names:
        walk.named(name)
    return UsedCode(walk.digests(), frozenset(walk.libraries))


@dataclass(frozen=True)
class _Target:
    """What an imported name stands for: a module, or a definition in one."""

    module: str
    symbol: str = ""

    def __str__(self) -> str:
        return f"{self.module}.{self.symbol}" if self.symbol else self.module


@dataclass
class _Module:
    """The top level of one file."""

    name: str
    is_package: bool
    lines: list[str]
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, _Target] = field(default_factory=dict)
    executed: list[ast.stmt] = field(default_factory=list)
    """Statements that do something when the module is imported."""
    texts: dict[ast.stmt, str] = field(default_factory=dict)
    """What :meth:`text` has given."""

    def text(self, statement: ast.stmt) -> str:
        """A statement without comments, docstrings and empty lines."""
        if statement not in self.texts:
            decorators = getattr(statement, "decorator_list", [])
            first = min([statement.lineno, *(d.lineno for d in decorators)])
            lines = self.lines[first - 1 : statement.end_lineno]
            self.texts[statement] = _plain_text("\n".join(lines))
        return self.texts[statement]


@lru_cache(maxsize=512)
def _parsed(name: str, source: str, is_package: bool) -> _Module:
    """A module by its text: copies of a course share what has been read of one of them."""
    module = _Module(name, is_package, source.splitlines())
    for statement in ast.parse(source, name).body:
        _file_statement(module, statement)
    return module


def _file_statement(module: _Module, statement: ast.stmt) -> None:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        module.imports |= _bindings(statement, module)
        return
    if _is_docstring(statement) or _is_for_types(statement):
        return
    if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        for inner in _own_nodes(statement):
            if isinstance(inner, ast.Import | ast.ImportFrom):
                module.imports |= _bindings(inner, module)
    for name in _bound(statement):
        module.definitions.setdefault(name, []).append(statement)
    if not _only_defines(statement):
        module.executed.append(statement)


def _is_docstring(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _is_for_types(node: ast.AST) -> bool:
    """``if TYPE_CHECKING:``, of which nothing is executed."""
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def _only_defines(statement: ast.stmt) -> bool:
    """Whether leaving a statement out matters only to those who use the names that it binds."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return all(_name_of(d) in _LOCAL_DECORATORS for d in statement.decorator_list)
    if isinstance(statement, ast.Assign):
        return all(isinstance(target, ast.Name | ast.Tuple) for target in statement.targets)
    return isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)


def _name_of(decorator: ast.expr) -> str:
    """``cache`` of ``@cache`` and ``@functools.cache``, and likewise with arguments."""
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _bindings(statement: ast.Import | ast.ImportFrom, module: _Module) -> dict[str, _Target]:
    """The names that an import binds, and what they stand for."""
    if isinstance(statement, ast.Import):
        return {
            a.asname or a.name.split(".")[0]: _Target(a.name if a.asname else a.name.split(".")[0])
            for a in statement.names
        }
    source = statement.module or ""
    if statement.level:
        parts = module.name.split(".")
        up = statement.level - module.is_package
        source = ".".join([*parts[: len(parts) - up], *([source] if source else [])])
    return {a.asname or a.name: _Target(source, a.name) for a in statement.names}


def _imported_modules(statement: ast.Import | ast.ImportFrom, module: _Module) -> list[str]:
    """The modules that an import executes, as far as its text tells."""
    if isinstance(statement, ast.Import):
        return [a.name for a in statement.names]
    return [str(t) for t in _bindings(statement, module).values()]


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all beneath it, but not what stands in a nested function or class."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _headless(child)
        elif not _is_for_types(child):
            yield from _own_nodes(child)


def _headless(node: ast.AST) -> Iterator[ast.AST]:
    """A nested definition itself, which binds its name, and nothing beneath it."""
    yield node


def _bound(statement: ast.AST) -> set[str]:
    """The names that a statement binds where it stands."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    names: set[str] = set()
    for node in _own_nodes(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                names.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case ast.MatchMapping(rest=str(name)):
                names.add(name)
    return names


def _folder(root: Path, package: str) -> Path:
    """The folder in which a package lies: the root, or where it is installed."""
    if (root / package).is_dir():
        return root
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parents[1] if spec and spec.origin else root


# A name of a function stands for nothing of a module's, or for what the function imported.
_Scope = dict[str, _Target | None]


class _Walk:
    """Follows names to definitions, each once."""

    def __init__(self, root: Path, apart: Collection[str] = ()) -> None:
        self.root = root
        self._found: dict[str, tuple[_Module, Path] | None] = {}
        self._apart: frozenset[str] = frozenset()
        for name in apart:
            if self._module(name) is None:
                raise LookupError(f"there is no {name!r} in {root}")
        self._apart = frozenset(apart)
        self._found.clear()
        self.libraries: set[str] = set()
        self._texts: dict[str, dict[str, str]] = {}
        self._entered: set[str] = set()
        self._used: set[tuple[str, str]] = set()
        # What is used and not yet followed: long chains of definitions would nest too deeply.
        self._waiting: list[Callable[[], None]] = []

    def digests(self) -> dict[str, str]:
        """By module, a digest of what was used of it."""
        found = {}
        for name, texts in sorted(self._texts.items()):
            text = "\0".join(f"{key}\0{texts[key]}" for key in sorted(texts))
            found[name] = hashlib.sha256(text.encode()).hexdigest()[:16]
        return found

    def cells(self, cells: Iterable[str]) -> None:
        """Follow all that cells use; their own text does not count."""
        notebook = _Module("", False, [])
        trees = [_parse_cell(cell) for cell in cells]
        for tree in trees:
            for statement in tree.body:
                _file_statement(notebook, statement)
        notebook.definitions.clear()  # every cell is executed, so nothing is left to follow
        for tree in trees:
            for statement in tree.body:
                self._visit(statement, notebook, [])
        self._follow_waiting()

    def _follow_waiting(self) -> None:
        while self._waiting:
            self._waiting.pop()()

    def named(self, name: str) -> None:
        """Follow a module as a whole, or one definition of it."""
        if self._module(name):
            self._whole(name)
            self._follow_waiting()
            return
        module, _, symbol = name.rpartition(".")
        found = self._module(module)
        if found is None or symbol not in {*found.definitions, *found.imports}:
            raise LookupError(f"there is no {name!r} in {self.root}")
        self._use(module, symbol)
        self._follow_waiting()

    def _module(self, name: str) -> _Module | None:
        """A module of the course's own packages that is followed; None for any other."""
        if name not in self._found:
            self._found[name] = self._find(name)
        found = self._found[name]
        return found[0] if found else None

    def _find(self, name: str) -> tuple[_Module, Path] | None:
        """A module and the folder in which it lies."""
        if name.split(".")[0] not in PACKAGES:
            return None
        if any(name == apart or name.startswith(f"{apart}.") for apart in self._apart):
            return None
        path = _folder(self.root, name.split(".")[0]).joinpath(*name.split("."))
        for candidate in (path / "__init__.py", path.with_suffix(".py")):
            if candidate.is_file():
                source = candidate.read_text(encoding="utf-8")
                return _parsed(name, source, candidate.stem == "__init__"), candidate.parent
        return None

    def _enter(self, name: str, importer: str) -> None:
        """Import a module: its packages, what it executes, and what it imports."""
        top = name.split(".")[0]
        if top not in PACKAGES:
            own_library = importer.split(".")[0] in ("", "dlcourse")
            if own_library and top not in sys.stdlib_module_names:
                self.libraries.add(top)
            return
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            prefix = ".".join(parts[:depth])
            module = self._module(prefix)
            if module is None or prefix in self._entered:
                continue
            self._entered.add(prefix)
            for target in module.imports.values():
                self._enter(str(target), prefix)
            for position, statement in enumerate(module.executed):
                self._note(module, f"executed {position}", module.text(statement))
                self._visit(statement, module, [])

    def _note(self, module: _Module, key: str, text: str) -> None:
        if module.name:
            self._texts.setdefault(module.name, {})[key] = text

    def _use(self, module_name: str, symbol: str) -> None:
        """Follow one name of a module."""
        module = self._module(module_name)
        if module is None or (module_name, symbol) in self._used:
            return
        self._used.add((module_name, symbol))
        self._waiting.append(partial(self._follow_definition, module, symbol))

    def _follow_definition(self, module: _Module, symbol: str) -> None:
        """Follow what a name of a module is made of."""
        self._enter(module.name, "")
        if symbol in module.definitions:
            for position, statement in enumerate(module.definitions[symbol]):
                self._note(module, f"{symbol} {position}", module.text(statement))
                self._visit(statement, module, [])
        elif symbol in module.imports:
            self._follow(module.imports[symbol], [], module, symbol)
        elif symbol != "__version__":
            self._whole(module.name)

    def _whole(self, name: str) -> None:
        """Follow all of a module."""
        module = self._module(name)
        if module is None or (name, "*") in self._used:
            return
        self._used.add((name, "*"))
        self._enter(name, "")
        for symbol in module.definitions:
            self._use(name, symbol)
        for symbol, target in module.imports.items():
            if module.is_package and self._module(target.module):
                self._follow(target, [], module, symbol)

    def _follow(
        self, target: _Target, attributes: Sequence[str], module: _Module, name: str
    ) -> None:
        """Follow an imported name, and the attributes that are taken of it, to a definition."""
        self._note(module, f"import {name}", str(target))
        names = [*([target.symbol] if target.symbol else []), *attributes]
        self._enter(str(target), module.name)
        current = target.module
        for position, name_in_it in enumerate(names):
            here = self._module(current)
            if here is None:
                return
            # A package that imports its own module binds the module's name to the module.
            own = here.imports.get(name_in_it) == _Target(current, name_in_it)
            defined = name_in_it in here.definitions or (name_in_it in here.imports and not own)
            if not defined and self._module(f"{current}.{name_in_it}"):
                current = f"{current}.{name_in_it}"
                continue
            if name_in_it in here.imports and name_in_it not in here.definitions:
                self._enter(current, module.name)
                self._follow(here.imports[name_in_it], names[position + 1 :], here, name_in_it)
            elif name_in_it == "*":
                self._whole(current)
            else:
                self._use(current, name_in_it)
            return
        if self._module(current):
            self._whole(current)

    def _visit(self, node: ast.AST, module: _Module, scopes: list[_Scope]) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                for name in _imported_modules(node, module):
                    self._enter(name, module.name)
                if any(a.name == "*" for a in node.names):
                    self._whole(_bindings(node, module)["*"].module)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._visit_function(node, module, scopes)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                targets: _Scope = {n: None for g in node.generators for n in _bound(g.target)}
                self._visit_children(node, module, [*scopes, targets])
            case ast.AnnAssign():
                if node.value is not None:
                    self._visit(node.value, module, scopes)
            case ast.Attribute() | ast.Name():
                self._visit_reference(node, module, scopes)
            case ast.Constant(value=str(text)):
                self._note_file(text, module)
            case _ if not _is_for_types(node):
                self._visit_children(node, module, scopes)

    def _visit_children(self, node: ast.AST, module: _Module, scopes: list[_Scope]) -> None:
        for child in ast.iter_child_nodes(node):
            self._visit(child, module, scopes)

    def _visit_function(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        module: _Module,
        scopes: list[_Scope],
    ) -> None:
        outside = [*getattr(node, "decorator_list", []), *node.args.defaults]
        for default in [*outside, *(d for d in node.args.kw_defaults if d is not None)]:
            self._visit(default, module, scopes)
        body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else [*node.body]
        inside = [*scopes, _scope_of(node, body, module)]
        for statement in body:
            if not (isinstance(statement, ast.stmt) and _is_docstring(statement)):
                self._visit(statement, module, inside)

    def _visit_reference(
        self, node: ast.Attribute | ast.Name, module: _Module, scopes: list[_Scope]
    ) -> None:
        attributes: list[str] = []
        base: ast.expr = node
        while isinstance(base, ast.Attribute):
            attributes.insert(0, base.attr)
            base = base.value
        if not isinstance(base, ast.Name):
            self._visit(base, module, scopes)
            return
        for scope in reversed(scopes):
            if base.id in scope:
                target = scope[base.id]
                if target is not None:
                    self._follow(target, attributes, module, base.id)
                return
        if base.id in module.definitions:
            self._use(module.name, base.id)
        if base.id in module.imports:
            self._follow(module.imports[base.id], attributes, module, base.id)

    def _note_file(self, text: str, module: _Module) -> None:
        """A file of the package that is named in its code counts as well."""
        found = self._found.get(module.name)
        if found and 0 < len(text) < 200 and "\0" not in text and "\n" not in text:
            path = found[1] / text
            if path.suffix and path.suffix != ".py" and path.is_file():
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                self._note(module, f"file {text}", digest)


def _scope_of(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
    body: Sequence[ast.AST],
    module: _Module,
) -> _Scope:
    """The names that are local to a function."""
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    arguments += [a for a in (node.args.vararg, node.args.kwarg) if a is not None]
    scope: _Scope = {a.arg: None for a in arguments}
    of_the_module: set[str] = set()
    for statement in body:
        scope |= dict.fromkeys(_bound(statement))
        for inner in _own_nodes(statement):
            if isinstance(inner, ast.Global):
                of_the_module |= set(inner.names)
            elif isinstance(inner, ast.Import | ast.ImportFrom):
                scope |= _bindings(inner, module)
    return {name: target for name, target in scope.items() if name not in of_the_module}


def _parse_cell(source: str) -> ast.Module:
    """A cell's syntax tree; a cell that is no Python, even without magic lines, is empty."""
    lines = ["" if s.lstrip().startswith(("%", "!", "?")) else s for s in source.splitlines()]
    for text in (source, "\n".join(lines)):
        try:
            return ast.parse(text)
        except SyntaxError:
            continue
    return ast.Module([], [])


def plain_cell(source: str) -> str:
    """A cell without comments, docstrings and empty lines; as it is where it is no Python."""
    try:
        return _plain_text(source)
    except (SyntaxError, tokenize.TokenError):
        return source


def _plain_text(source: str) -> str:
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = node.body[0]
            if _is_docstring(first):
                lines[first.lineno - 1 : first.end_lineno] = [""] * _height(first)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _height(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
