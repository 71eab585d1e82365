"""
The webhooks that there are: `/hooks/<name>`.

Whoever can reach our address may post there, so a hook says first whether the
provider really wrote this (`Forged` if not), and only then what it means.
"""

from collections.abc import Mapping

from publisher.delivery.bounces.mailgun import Mailgun
from publisher.delivery.bounces.posted import Hook
from publisher.delivery.bounces.ses import Ses

HOOKS: Mapping[str, Hook] = {"ses": Ses(), "mailgun": Mailgun()}
