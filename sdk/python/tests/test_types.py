"""Type hints as schemas, and values in and out."""

import dataclasses
import enum
import unittest
from typing import Annotated, Any, Literal, NotRequired, Optional, TypedDict, Union

from headwater_sdk import Artifact, values
from headwater_sdk.errors import Misfit
from headwater_sdk.types import of, root_schema


@dataclasses.dataclass
class Word:
    text: str
    count: int
    note: Optional[str] = None


@dataclasses.dataclass
class Tree:
    name: str
    parts: "list[Tree]"


class Options(TypedDict):
    limit: int
    language: NotRequired[str]


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Schemas(unittest.TestCase):
    def check(self, hint, schema):
        self.assertEqual(root_schema(hint), schema)

    def test_plain_types(self):
        for hint, kind in [(int, "integer"), (float, "number"), (str, "string"), (bool, "boolean"), (None, "null")]:
            self.check(hint, {"type": kind})
        self.check(Any, True)

    def test_containers(self):
        self.check(list[str], {"type": "array", "items": {"type": "string"}})
        self.check(set[int], {"type": "array", "items": {"type": "integer"}, "uniqueItems": True})
        self.check(dict[str, float], {"type": "object", "additionalProperties": {"type": "number"}})
        self.check(dict[str, Any], {"type": "object", "additionalProperties": True})
        pair = [{"type": "integer"}, {"type": "string"}]
        self.check(tuple[int, str], {"type": "array", "prefixItems": pair, "minItems": 2, "maxItems": 2})

    def test_unions(self):
        self.check(Optional[str], {"type": ["string", "null"]})
        self.check(int | str, {"type": ["integer", "string"]})
        self.check(Union[list[int], None], {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]})
        self.check(Literal["a", "b"], {"type": "string", "enum": ["a", "b"]})
        self.check(Literal[1, None], {"enum": [1, None]})
        self.check(Colour, {"type": "string", "enum": ["red", "blue"]})
        self.check(Annotated[int, "how many"], {"type": "integer"})

    def test_records(self):
        word = {
            "type": "object",
            "properties": {"text": {"type": "string"}, "count": {"type": "integer"}, "note": {"type": ["string", "null"]}},
            "required": ["text", "count"],
        }
        self.check(Word, {"$ref": "#/$defs/Word", "$defs": {"Word": word}})
        options = {
            "type": "object",
            "properties": {"limit": {"type": "integer"}, "language": {"type": "string"}},
            "required": ["limit"],
        }
        self.check(list[Options], {"type": "array", "items": {"$ref": "#/$defs/Options"}, "$defs": {"Options": options}})

    def test_a_type_may_hold_itself(self):
        parts = {"type": "array", "items": {"$ref": "#/$defs/Tree"}}
        tree = {"type": "object", "properties": {"name": {"type": "string"}, "parts": parts}, "required": ["name", "parts"]}
        self.check(Tree, {"$ref": "#/$defs/Tree", "$defs": {"Tree": tree}})

    def test_two_types_of_one_name(self):
        other = dataclasses.make_dataclass("Word", [("letters", int)])
        self.assertEqual(list(root_schema(tuple[Word, other])["$defs"]), ["Word", "Word2"])

    def test_what_cannot_cross(self):
        for hint, words in [(bytes, "bytes"), (list, "list[…]"), (dict[int, str], "dict[str, …]"), (Schemas, "Schemas")]:
            with self.assertRaisesRegex(TypeError, words.replace("[", r"\[")):
                root_schema(hint)


class Values(unittest.TestCase):
    def test_a_record_goes_in_and_comes_out(self):
        word = of(Word).load({"text": "a", "count": 2, "unknown": 1}, "word")
        self.assertEqual(word, Word("a", 2))
        self.assertEqual(values.result(word, Word), '{"text":"a","count":2,"note":null}')
        self.assertEqual(of(Options).load({"limit": 1}, "options"), {"limit": 1})
        tree = of(Tree).load({"name": "a", "parts": [{"name": "b", "parts": []}]}, "tree")
        self.assertEqual(tree, Tree("a", [Tree("b", [])]))

    def test_numbers_are_what_they_say(self):
        self.assertIsInstance(of(float).load(1, "x"), float)
        for hint, value in [(int, True), (int, 1.0), (float, True), (bool, 1), (str, 1), (Literal[1], True)]:
            with self.assertRaises(Misfit):
                of(hint).load(value, "x")

    def test_a_misfit_says_where(self):
        with self.assertRaisesRegex(Misfit, r"`words\[1\].count` is 'x', not a whole number"):
            of(list[Word]).load([{"text": "a", "count": 1}, {"text": "b", "count": "x"}], "words")
        with self.assertRaisesRegex(Misfit, "`word.count` is missing: a whole number"):
            of(Word).load({"text": "a"}, "word")
        with self.assertRaisesRegex(Misfit, "`x` is 1.5, not a whole number or null"):
            of(Optional[int]).load(1.5, "x")

    def test_results_are_json(self):
        self.assertEqual(values.result({"b", "a"}, set[str]), '["a","b"]')
        self.assertEqual(values.result((1, "ä"), tuple[int, str]), '[1,"ä"]')
        self.assertEqual(values.result(Colour.RED, Colour), '"red"')
        self.assertEqual(values.result(None, None), "null")
        for value, hint in [(float("nan"), float), ({1: 2}, Any), (object(), Any), ([1], list[str])]:
            with self.assertRaises(Misfit):
                values.result(value, hint)

    def test_an_artifact_crosses_as_the_contract_has_it(self):
        artifact = Artifact.write("page.txt", "hello", "text/plain")
        as_json = values.to_json(artifact)
        self.assertEqual(set(as_json), {"$artifact", "size", "media_type", "name"})
        self.assertEqual(of(Artifact).load(as_json, "page").read_text(), "hello")


if __name__ == "__main__":
    unittest.main()
