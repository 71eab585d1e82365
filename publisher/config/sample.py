"""The first `config.yaml`: the sample, written where somebody wants to begin."""

from pathlib import Path

from publisher.errors import ConfigError, Problem
from publisher.resources import sample_config

_TEMPLATES_README = """\
Files here replace those of the same name that come with publisher
(email/digest/body.mjml, say); whatever is not here is taken from there.
여기에 둔 파일은 publisher에 들어 있는 같은 이름의 파일을 대신합니다.
"""


def write_sample(directory: Path) -> Path:
    """
    Write a commented `config.yaml` and a `templates` folder; the path of the first.

    A file that is there already stays as it is: then ConfigError.
    """
    target = directory / "config.yaml"
    templates = directory / "templates"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(sample_config().read_bytes())
        templates.mkdir(exist_ok=True)
        if not any(templates.iterdir()):
            (templates / "README").write_text(_TEMPLATES_README, encoding="utf-8")
    except FileExistsError as error:
        raise _refusal(
            Path(error.filename or target), "is there already and was left as it is; name another folder"
        ) from None
    except OSError as error:
        raise _refusal(target, f"cannot be written: {(error.strerror or 'failed').lower()}") from error
    return target


def _refusal(path: Path, message: str) -> ConfigError:
    return ConfigError([Problem(file=str(path), line=None, column=None, key="", message=message)])
