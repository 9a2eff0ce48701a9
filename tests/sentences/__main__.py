"""What a chapter claims and its file does not hold yet; what the file holds and nobody says any more."""

import json
import sys

from tests.sentences import claims, held


def main(chapter):
    said = claims(chapter)
    for one in said:
        if one not in held(chapter):
            print(f"    {_quoted(one)},")
    for one in held(chapter).keys() - set(said):
        print(f"no longer said: {one}", file=sys.stderr)


def _quoted(text):
    """As a string in TOML."""
    if "'" not in text:
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False) if "\\" not in text else f"'''{text}'''"


main(sys.argv[1])
