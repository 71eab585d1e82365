"""An address that somebody typed into a form: read, or the sentence that says how to mend it."""

from publisher import address
from publisher.address import EmailAddress, Fault, fault_in
from publisher.errors import InvalidAddress
from publisher.i18n import noted

_SAID = {
    Fault.EMPTY: noted("Please enter your e-mail address, such as name@example.org."),
    Fault.NO_AT: noted("There is no @ in this address. It should look like name@example.org."),
    Fault.SEVERAL_ATS: noted("There is more than one @ in this address. It should look like name@example.org."),
    Fault.BLANK: noted("There is a space in this address. It should look like name@example.org."),
    Fault.SHORT_HOST: noted("What follows the @ is not complete. The address should look like name@example.org."),
    Fault.OTHER: noted("This is not an e-mail address we can write to. It should look like name@example.org."),
}


def entered(text: str) -> EmailAddress | str:
    """The address, or a sentence of the catalogues."""
    try:
        return address.parse(text)
    except InvalidAddress:
        return _SAID[fault_in(text)]
