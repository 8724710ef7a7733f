"""Static files with content hashes in their names."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Name each file as `collectstatic` did. A file that it did not collect keeps its own name:
    pages without styles are usable, pages that fail are not."""

    manifest_strict = False

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        """Return `name` with its hash. Raises ValueError while files are collected and one of them
        names a missing file."""
        try:
            return str(super().hashed_name(name, content, filename))
        except ValueError:
            if content is None and filename is None:
                return name
            raise
