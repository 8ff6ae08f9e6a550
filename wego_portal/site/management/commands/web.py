from ...serving.command import ServingCommand


class Command(ServingCommand):
    help = "Serves the portal without the mail worker, until Ctrl-C or SIGTERM."
