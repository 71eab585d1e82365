"""The rules of the law that the software carries out, each under its number in docs/law.md."""
