"""Checks of ours that dbt-bouncer has no setting for."""

import re
from pathlib import Path, PurePosixPath

from dbt_bouncer.check_framework.decorator import check, fail


def _sources(model) -> set[str]:
    """Names of the sources a model reads."""
    nodes = getattr(model.depends_on, "nodes", None) or []
    return {node.split(".")[2] for node in nodes if node.startswith("source.")}


@check
def check_staging_folder_is_source_and_prefix(model):
    """One word per source: the folder, the prefix of its models and the source that base reads."""
    folder = PurePosixPath(model.original_file_path).parent.name
    if not re.match(rf"(base|stg)_{folder}__[a-z0-9_]+$", model.name):
        fail(f"`{model.name}` in the folder `{folder}` is not named base_ or stg_{folder}__...")
    if foreign := _sources(model) - {folder}:
        fail(f"`{model.name}` reads sources of other folders: {sorted(foreign)}.")


@check
def check_sources_are_permitted(model, *, permitted_sources: list[str]):
    """A model may read only the sources listed."""
    if foreign := _sources(model) - set(permitted_sources):
        fail(f"`{model.name}` reads sources that are not permitted here: {sorted(foreign)}.")


@check
def check_macro_file_begins_with_comment(macro):
    """A macro's file opens with what it holds; a test's with the rule it tests."""
    if not Path(macro.original_file_path).read_text("utf-8").startswith("{#"):
        fail(f"`{macro.original_file_path}` does not begin with a comment that says what it holds.")


@check
def check_ids_mean_the_same(ctx, *, path: str):
    """A key, id or code of one name has one description in all models of a path."""
    told: dict[str, set[str]] = {}
    for model in ctx.models:
        for name, column in (model.columns or {}).items():
            if re.match(path, model.original_file_path) and re.search("_(key|id|code)$", name):
                told.setdefault(name, set()).add(column.description)
    if torn := sorted(name for name, texts in told.items() if len(texts) > 1):
        fail(f"Columns are described in more than one way: {torn}.")


@check
def check_unit_test_name_fits_postgres(unit_test):
    """Postgres cuts names after 63 characters, so dbt refuses a unit test with a longer one."""
    if len(unit_test.name) > 63:
        fail(f"`{unit_test.name}` has {len(unit_test.name)} characters, more than 63.")


@check
def check_model_is_never_published(model):
    """What holds contacts or raw records is not on the allow-list of the published file."""
    if (model.config.meta or {}).get("publish"):
        fail(f"`{model.name}` would be published, and it is restricted.")
