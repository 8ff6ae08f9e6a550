"""The admin of content: forms with rich text under the content security policy.

Here because the admins of both apps edit rich text, and without these few lines no editor loads and nothing says so.
"""


class ContentAdminMixin:
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
