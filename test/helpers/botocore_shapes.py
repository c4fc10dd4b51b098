"""Compares API answers with the service models of botocore.

Reads a JSON list of {service, operation, output} from stdin and prints one line for each member
that the model does not have, or whose type is another one.
"""

import json
import sys

import botocore.session

PLAIN = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}


def check(shape, value, path):
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            yield f"{path}: not a structure"
            return
        for name, member in value.items():
            if name not in shape.members:
                yield f"{path}.{name}: not in the model"
            elif member is not None:
                yield from check(shape.members[name], member, f"{path}.{name}")
        for name in shape.required_members:
            if name not in value:
                yield f"{path}.{name}: required"
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{path}: not a list"
            return
        for item in value:
            yield from check(shape.member, item, f"{path}[]")
    elif kind == "map":
        for item in value.values():
            yield from check(shape.value, item, f"{path}{{}}")
    elif kind in PLAIN:
        is_wrong = not isinstance(value, PLAIN[kind]) or (
            kind != "boolean" and isinstance(value, bool)
        )
        if is_wrong:
            yield f"{path}: {value!r} is no {kind}"
        elif kind == "string" and shape.enum and value not in shape.enum:
            yield f"{path}: {value!r} is not in {shape.enum}"


session = botocore.session.get_session()
for call in json.load(sys.stdin):
    model = session.get_service_model(call["service"]).operation_model(call["operation"])
    found = check(model.output_shape, call["output"], call["operation"])
    for problem in sorted(set(found)):
        print(problem)
