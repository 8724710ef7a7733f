"""No package names one above it in a string: not by a URL name, permission, model, task, template
or tag library. Such a reference breaks as an import does, and no linter of imports sees it."""

import ast
import importlib.util
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import get_permission_codename
from django.template import engines
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
# Templates outside a package's folder: error pages, and the admin's dashboard.
_TEMPLATES_OF = {"": "operations", "admin": "webinarsync", "unfold": "webinarsync"}


def _ranks() -> dict[str, int]:
    """Return the layer of each package, from the contract of imports."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    return {
        name: rank for rank, layer in enumerate(reversed(layers)) for name in layer.split(" | ")
    }


RANKS = _ranks()
_PACKAGE = f"(?P<package>{'|'.join(RANKS)})"
# admin:app_model_page
_ADMIN_PAGE = re.compile(rf"\badmin:{_PACKAGE}_")
# namespace:name, of which the name may be concatenated
_URL_NAME = re.compile(rf"(?<![\w:.]){_PACKAGE}:(?=\w|$)")
# app.codename, app.Model, app.module.function
_DOTTED = re.compile(rf"(?<![\w.]){_PACKAGE}\.(?P<name>\w+)")
_TEMPLATE = re.compile(rf"(?<![\w/]){_PACKAGE}/[\w/]+\.(?:html|txt)\b")
_QUOTED = re.compile(r"""'([^'\n]*)'|"([^"\n]*)\"""")
_TAG = re.compile(r"\{%(.*?)%\}|\{\{(.*?)\}\}", re.DOTALL)
_REVERSING = {"reverse", "reverse_lazy", "redirect"}
_LOOKING_UP = {"get_app_config", "get_model"}


@cache
def url_names() -> dict[str, str]:
    """Return the package that has the view of each URL name; the admin's names contain it."""
    named = _names(get_resolver().url_patterns, "")
    return {name: package for name, package in named if not name.startswith("admin:")}


def _names(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _names(pattern.url_patterns, inner)
        elif pattern.name:
            yield f"{space}{pattern.name}", pattern.callback.__module__.partition(".")[0]


@cache
def spaces() -> set[str]:
    return {name.partition(":")[0] for name in url_names() if ":" in name}


@cache
def names_of(package: str) -> set[str]:
    """Return the permissions and the models of `package`, in lower case."""
    models = list(apps.get_app_config(package).get_models())
    named = {
        get_permission_codename(verb, model._meta)
        for model in models
        for verb in model._meta.default_permissions
    }
    named |= {codename for model in models for codename, _label in model._meta.permissions}
    return named | {str(model._meta.model_name) for model in models}


@cache
def is_module(path: str) -> bool:
    return importlib.util.find_spec(path) is not None


def named_in(text: str) -> Iterator[str]:
    """Yield each package that `text` names, by a URL name, permission, model, path or template."""
    for found in _ADMIN_PAGE.finditer(text):
        yield found["package"]
    for found in _URL_NAME.finditer(text):
        if found["package"] in spaces():
            yield found["package"]
    for found in _DOTTED.finditer(text):
        package, name = found["package"], found["name"]
        if name.lower() in names_of(package) or is_module(f"{package}.{name}"):
            yield package
    for found in _TEMPLATE.finditer(text):
        if (TEMPLATES / found[0]).exists():
            yield found["package"]


def named_in_code(code: str) -> Iterator[str]:
    """Yield each package that the strings of `code` name, without docstrings."""
    tree = ast.parse(code)
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in documents:
                yield from named_in(node.value)
        elif isinstance(node, ast.Call) and node.args:
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if not isinstance(first, ast.Constant):
                continue
            if called in _REVERSING:
                yield url_names().get(str(first.value), "")
            elif called in _LOOKING_UP:
                yield str(first.value)


def named_in_template(text: str) -> Iterator[str]:
    """Yield each package that the tags of a template name."""
    libraries = engines["django"].engine.libraries  # type: ignore[attr-defined]
    for tag in ("".join(found) for found in _TAG.findall(text)):
        yield from re.findall(r"\bperms\.(\w+)", tag)
        for quoted in ("".join(found) for found in _QUOTED.findall(tag)):
            yield from named_in(quoted)
            if tag.split()[0] == "url":
                yield url_names().get(quoted, "")
        if tag.split()[:1] == ["load"]:
            for library in tag.split()[1:]:
                yield libraries.get(library, "").partition(".")[0]


def is_upward(package: str, named: str) -> bool:
    """Return whether `package` must not know `named`: another of the same layer, or a higher
    one."""
    return named != package and RANKS.get(named, -1) >= RANKS[package]


def package_of(template: Path) -> str:
    folder, _slash, rest = str(template.relative_to(TEMPLATES)).partition("/")
    return _TEMPLATES_OF.get(folder if rest else "", folder)


def test_no_text_of_a_package_names_one_above() -> None:
    code = [(package, file) for package in RANKS for file in (ROOT / package).rglob("*.py")]
    templates = [(package_of(file), file) for file in TEMPLATES.rglob("*.html")]
    assert len(code) > 300 and len(templates) > 60
    upward = {
        f"{file.relative_to(ROOT)}: {named}"
        for files, read in ((code, named_in_code), (templates, named_in_template))
        for package, file in files
        for named in read(file.read_text())
        if is_upward(package, named)
    }
    assert sorted(upward) == []


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ('redirect("sync:connection", 1)', "sync"),
        ('reverse(f"segments:{page}")', "segments"),
        ('reverse("admin:webinars_webinar_changelist")', "webinars"),
        ('reverse("my_profile")', "accounts"),
        ('user.has_perm("mailings.add_mailing")', "mailings"),
        ('models.ForeignKey("webinars.Registration")', "webinars"),
        ('apps.get_model("webinars", "Webinar")', "webinars"),
        ('async_task("sync.tasks.sync_due")', "sync"),
        ('os.environ["X"] = "webinarsync.settings"', "webinarsync"),
        ('render(request, "contacts/merge.html")', "contacts"),
        # Neither docstrings, nor similar words.
        ('"""See sync.tasks and mailings:draft."""', ""),
        ('KEY = "webinarsync:calls:"', ""),
        ('FILE = "contacts.csv"', ""),
        ('PATH = "/organizers/1/webinars/2"', ""),
        ('CHECK = "webinarsync.E001"', ""),
    ],
)
def test_what_code_names_is_found(code: str, named: str) -> None:
    assert set(named_in_code(code)) - {""} == ({named} if named else set())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{% url 'sync:connection' 1 %}", "sync"),
        ('{% url "my_profile" %}', "accounts"),
        ("{% url 'admin:webinars_webinar_change' 1 %}", "webinars"),
        ("{% if perms.mailings.add_mailing %}", "mailings"),
        ("{% if perms.mailings %}", "mailings"),
        ('{% include "webinars/header.html" %}', "webinars"),
        ('{% extends "contacts/merge.html" %}', "contacts"),
        ("{% load i18n webinar_pages %}", "webinars"),
        ("<p>webinars.html of the sync:connection</p>{% load i18n %}{{ contacts.count }}", ""),
    ],
)
def test_what_a_template_names_is_found(text: str, named: str) -> None:
    assert set(named_in_template(text)) - {"", "django"} == ({named} if named else set())
