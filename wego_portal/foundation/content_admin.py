"""The admin of content: texts in three languages, and rich text under the content security policy.

Here because the admins of both apps edit such texts, and without these lines no rich text
editor loads and nothing says so.
"""

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from translated_fields import to_attribute


class TranslatedLabelsMixin:
    """For a ModelAdmin or an inline, before it in the list of bases: says in which language each text is wanted."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for code, name in settings.LANGUAGES:
            base_name = db_field.name.rpartition("_")[0]
            if field and base_name and db_field.name == to_attribute(base_name, code):
                field.label = _("%(label)s (%(language)s)") % {
                    "label": capfirst(db_field.verbose_name),
                    "language": _(name),
                }
                field.widget.attrs["lang"] = code
        return field


class ContentAdminMixin(TranslatedLabelsMixin):
    """For a ModelAdmin whose form or inlines hold rich text; comes before ModelAdmin in the list of bases.

    The editor finds its modules through an import map, which is an inline script, and draws its cursor with a style
    element. So this one page gets a nonce for the former and is allowed the latter; all other pages stay strict.
    """

    def render_change_form(self, request, context, *args, **kwargs):
        media = context["media"]
        # Only media with an import map know nonces; a form without an editor has plain ones and needs none.
        if hasattr(media, "with_nonce"):
            context["media"] = media.with_nonce(str(request.csp_nonce))
        response = super().render_change_form(request, context, *args, **kwargs)
        response._csp_update = {"style-src": ["'unsafe-inline'"]}
        return response
