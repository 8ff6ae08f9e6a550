from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Compiles the .po files of the interface to .mo files, without GNU gettext."

    def handle(self, **options):
        for folder in settings.LOCALE_PATHS:
            for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
                with source.open("rb") as file:
                    catalog = read_po(file, locale=source.parts[-3], abort_invalid=True)
                wrong = [f"{message.lineno}: {error}" for message, errors in catalog.check() for error in errors]
                if wrong:
                    raise CommandError(f"{source.name} ({source.parts[-3]}), line {wrong[0]}")
                # Put in place at once, so that a server that starts meanwhile never reads half a file.
                target = source.with_suffix(".mo")
                aside = target.with_suffix(".mo.new")
                with aside.open("wb") as file:
                    write_mo(file, catalog)
                aside.replace(target)
                if options["verbosity"] > 0:
                    self.stdout.write(f"{source.parts[-3]}: {sum(1 for message in catalog if message.string)} texts")
