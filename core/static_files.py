"""Static files, with the hash of their content in their names."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Names each file as `collectstatic` did. One that it did not collect keeps its own name: pages
    without styles can be used, and pages that fail cannot."""

    manifest_strict = False

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        """Return the name of `name` with its hash. Raises ValueError while files are collected and
        one of them names a file that is not there."""
        try:
            return str(super().hashed_name(name, content, filename))
        except ValueError:
            if content is None and filename is None:
                return name
            raise
