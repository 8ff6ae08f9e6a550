"""The membership and partnership inquiry."""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ..forms import InquiryForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def inquiry_form(request):
    """The form; what is wrong is said beside each field and keeps what was typed (status 422)."""
    form = InquiryForm(request.POST if request.method == "POST" else None, now=timezone.now())
    if form.is_valid() and form.passes(request):
        form.save_inquiry()
        return redirect("organizations:inquiry_sent")
    return render(request, "organizations/inquiry_form.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def inquiry_sent(request):
    """What happens next; the same for everybody, so it shows nothing of the sender."""
    return render(request, "organizations/inquiry_sent.html")
