"""The default templates in English and French.

Each is in `texts/` as a file called PURPOSE.LANGUAGE.txt: its name, its subject, an empty line, and
the text.
"""

from pathlib import Path

from mailings.models import MailTemplate

_TEXTS = Path(__file__).parent / "texts"


def install() -> int:
    """Create the default templates if there are no templates at all, and return how many.

    Changed and deleted ones are not restored.
    """
    if MailTemplate.objects.exists():
        return 0
    return len(MailTemplate.objects.bulk_create(_read(file) for file in sorted(_TEXTS.iterdir())))


def _read(file: Path) -> MailTemplate:
    purpose, language, _ending = file.name.split(".")
    name, subject, _empty, text = file.read_text(encoding="utf-8").split("\n", 3)
    return MailTemplate(
        name=name,
        purpose=MailTemplate.Purpose(purpose),
        language=language,
        subject=subject,
        text=text.strip(),
    )
