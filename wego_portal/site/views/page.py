from django.shortcuts import render


def about(request):
    """What WeGO and this portal are, and whose data and letters it uses."""
    return render(request, "site/about.html")


def privacy(request):
    """What is kept of a person, why, for how long, and what they may ask for."""
    return render(request, "site/privacy.html")


def accessibility(request):
    """How far the portal can be used by everyone, and whom to tell where it cannot."""
    return render(request, "site/accessibility.html")
