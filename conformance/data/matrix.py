"""Writes the operator matrices among the policy cases.

Follows the IAM User Guide ("Condition operators", "Multivalued context keys") and the RAM document "Conditional
operators": for each operator the values that satisfy it and those that do not, then the verdict of every cell by the
rules for quantifiers, `IfExists` and absent keys. It asks no evaluator.
"""

import json
from pathlib import Path

HERE = Path(__file__).parent / "policy"
WIDTH = 120

# Operator: (negated, operands, values that satisfy it, values that do not).
STRING = {
    "StringEquals": (False, ["finance", "audit"], ["finance", "audit"], ["Finance", "fin*"]),
    "StringNotEquals": (True, ["finance", "audit"], ["Finance", "sales"], ["finance", "audit"]),
    "StringEqualsIgnoreCase": (False, ["Finance", "AUDIT"], ["finance", "Audit"], ["finances", "sales"]),
    "StringNotEqualsIgnoreCase": (True, ["Finance", "AUDIT"], ["finances", "sales"], ["finance", "Audit"]),
    "StringLike": (False, ["fin*", "au?it"], ["finance", "audit"], ["Finance", "auit"]),
    "StringNotLike": (True, ["fin*", "au?it"], ["Finance", "auit"], ["finance", "audit"]),
}
NAMES = ["arn:aws:s3:::logs-*", "arn:aws:sns:*:111122223333:alerts"]
LIKE_NAMES = ["arn:aws:s3:::logs-1/a:b", "arn:aws:sns:eu-west-1:111122223333:alerts"]
UNLIKE_NAMES = ["arn:aws:s3:::data", "arn:aws:sns:eu-west-1:9:111122223333:alerts"]
ARN = {
    "ArnEquals": (False, NAMES, LIKE_NAMES, UNLIKE_NAMES),
    "ArnLike": (False, NAMES, LIKE_NAMES, UNLIKE_NAMES),
    "ArnNotEquals": (True, NAMES, UNLIKE_NAMES, LIKE_NAMES),
    "ArnNotLike": (True, NAMES, UNLIKE_NAMES, LIKE_NAMES),
}
NUMERIC = {
    "NumericEquals": (False, ["7", "30"], ["7.0", "30"], ["70", "-7"]),
    "NumericNotEquals": (True, ["7", "30"], ["70", "-7"], ["7.0", "30"]),
    "NumericLessThan": (False, ["30"], ["29", "-1.5"], ["30", "100"]),
    "NumericLessThanEquals": (False, ["30"], ["30.0", "4"], ["30.01", "100"]),
    "NumericGreaterThan": (False, ["30"], ["31", "100"], ["30", "4"]),
    "NumericGreaterThanEquals": (False, ["30"], ["30.0", "100"], ["29.99", "4"]),
}
NEW_YEAR, BEFORE, AFTER = "2030-01-01T00:00:00Z", "2029-12-31T23:59:59Z", "2030-01-01T00:00:01Z"
DATE = {
    "DateEquals": (False, [NEW_YEAR], ["2030-01-01T08:00:00+08:00", NEW_YEAR], [BEFORE, AFTER]),
    "DateNotEquals": (True, [NEW_YEAR], [BEFORE, AFTER], ["2030-01-01T08:00:00+08:00", NEW_YEAR]),
    "DateLessThan": (False, [NEW_YEAR], [BEFORE, "2029-06-01T00:00:00Z"], [NEW_YEAR, AFTER]),
    "DateLessThanEquals": (False, [NEW_YEAR], [NEW_YEAR, BEFORE], [AFTER, "2031-01-01T00:00:00Z"]),
    "DateGreaterThan": (False, [NEW_YEAR], [AFTER, "2031-01-01T00:00:00Z"], [NEW_YEAR, BEFORE]),
    "DateGreaterThanEquals": (False, [NEW_YEAR], [NEW_YEAR, AFTER], [BEFORE, "2029-06-01T00:00:00Z"]),
}
NETWORKS = ["203.0.113.0/24", "2001:db8::/32"]
INSIDE, OUTSIDE = ["203.0.113.7", "2001:DB8:0::1"], ["203.0.114.7", "2001:db9::1"]
ADDRESS = {
    "IpAddress": (False, NETWORKS, INSIDE, OUTSIDE),
    "NotIpAddress": (True, NETWORKS, OUTSIDE, INSIDE),
}
BOOL = {"Bool": (False, ["true"], ["true"], ["false"])}
BINARY = {"BinaryEquals": (False, ["AQID", "aGVsbG8="], ["AQID", "aGVsbG8="], ["aqid", "AQIDBA=="])}

# File, title, operators, a key with one value, a key with several. No vendor key has several names, numbers, dates,
# addresses, booleans or bytes; the rules are the same for all keys.
AWS = [
    ("aws_operators_string", "String operators", STRING, "aws:PrincipalTag/team", "aws:TagKeys"),
    ("aws_operators_arn", "ARN operators", ARN, "aws:SourceArn", "example:Names"),
    ("aws_operators_numeric", "numeric operators", NUMERIC, "kms:RotationPeriodInDays", "example:Numbers"),
    ("aws_operators_date", "date operators", DATE, "aws:CurrentTime", "example:Dates"),
    ("aws_operators_ip", "IP address operators", ADDRESS, "aws:SourceIp", "example:Addresses"),
    ("aws_operators_bool", "Boolean operators", BOOL, "aws:SecureTransport", "example:Flags"),
    ("aws_operators_binary", "binary operators", BINARY, "example:Digest", "example:Digests"),
]
ALIBABA = [
    (STRING, "kms:tag/team"),
    (NUMERIC, "example:Number"),
    (DATE, "acs:CurrentTime"),
    (ADDRESS, "acs:SourceIp"),
    (BOOL, "acs:SecureTransport"),
]

OPERATORS_PAGE = "IAM User Guide reference_policies_elements_condition_operators"
SETS_PAGE = "IAM User Guide reference_policies_multi-value-conditions"
RAM_PAGE = "Alibaba Cloud RAM: Conditional operators (help/en/ram/conditional-operator, 2025-12)"

# The quantifiers: what a present key, and what an absent or empty one makes of the operator.
QUANTIFIERS = {"": None, "ForAnyValue": (any, False), "ForAllValues": (all, True)}


def aws_cell(operator, spec, keys, quantifier, if_exists, presence):
    """One cell, or None if it does not exist."""
    negated, operands, hits, misses = spec
    key = keys[1] if quantifier or presence in ("several", "empty") else keys[0]
    values = {
        "match": hits,
        "no_match": misses,
        "mixed": [hits[0], misses[0]],
        "several": hits,
        "one": hits[:1],
        "empty": [],
        "missing": None,
    }[presence]
    source, confidence, why = OPERATORS_PAGE, "documented", None
    if quantifier == "":
        if presence in ("mixed", "one"):
            return None
        if presence == "missing":
            holds = negated or if_exists
            rule = "a negated operator holds" if negated else "a positive operator fails"
            rule = "IfExists holds" if if_exists else rule
            why = f"The key is absent: {rule}."
        elif presence == "empty":
            holds, confidence = negated or if_exists, "inferred"
            why = "An empty set counts as an absent key."
        elif presence == "several":
            holds, confidence, source = False, "inferred" if negated else "empirical", SETS_PAGE
            why = "A key with several values needs a set operator."
        else:
            holds = presence == "match"
            values = values[0]
            why = f"`{values}` {'satisfies' if holds else 'does not satisfy'} {operator}."
    else:
        if presence == "several":
            return None
        combine, absent = QUANTIFIERS[quantifier]
        source = SETS_PAGE
        if values:
            holds = combine(value in hits for value in values)
            confidence = "inferred" if negated else "documented"
            why = {
                "match": f"Of the values, all satisfy {operator}.",
                "no_match": f"Of the values, none satisfies {operator}.",
                "mixed": f"Of the values, only some satisfy {operator}.",
                "one": f"One value is a set of one; it satisfies {operator}.",
            }[presence]
            values = values[0] if presence == "one" else values
        else:
            holds = absent
            confidence = "empirical" if if_exists and not absent else "documented"
            if presence == "empty" and confidence == "empirical":
                confidence = "inferred"
            state = "absent" if presence == "missing" else "an empty set"
            suffix = ", IfExists or not" if if_exists else ""
            why = f"The key is {state}: {quantifier} is {str(absent).lower()}{suffix}."
    name = (f"{quantifier}:" if quantifier else "") + operator + ("IfExists" if if_exists else "")
    context = {} if values is None else {key: values}
    return name, key, operands, context, holds, confidence, why, source


def scalar(items):
    """A list of one as its item."""
    return items[0] if len(items) == 1 else items


def aws_case(name, key, operands, context, holds, confidence, why, source, presence, effect="Allow"):
    wanted = scalar(operands)
    body = {"Action": "kms:CreateKey", "Resource": "*"}
    statement = {"Sid": "Cell", "Effect": effect, **body, "Condition": {name: {key: wanted}}}
    cell = {"layer": "identity", "policy": "matrix", "statement": "Cell"}
    statements = [statement]
    if effect == "Deny":
        statements.insert(0, {"Sid": "Base", "Effect": "Allow", **body})
        expected = "explicit_deny" if holds else "allow"
        explain = {"deny_by": [cell]} if holds else {"allow_by": [{**cell, "statement": "Base"}]}
    else:
        expected = "allow" if holds else "implicit_deny"
        failed = {"operator": name, "key": key, "policy": wanted, "actual": context.get(key)}
        explain = {"allow_by": [cell]} if holds else {"near_miss": [{**cell, "failed": [failed]}]}
    return {
        "id": f"aws.op.{'deny.' if effect == 'Deny' else ''}{name.replace(':', '.')}.{presence}",
        "dialect": "aws",
        "principal": {"type": "iam_user", "arn": "arn:aws:iam::111122223333:user/dev", "account": "111122223333"},
        "action": "kms:CreateKey",
        "resource": "*",
        "context": context,
        "layers": {"identity": [{"name": "matrix", "document": {"Version": "2012-10-17", "Statement": statements}}]},
        "expected": expected,
        "confidence": confidence,
        "why": why,
        "source": [source],
        "explain": explain,
    }


def aws_matrix(operators, keys):
    for operator, spec in operators.items():
        for quantifier in QUANTIFIERS:
            for if_exists in (False, True):
                for presence in ("match", "no_match", "mixed", "one", "several", "missing", "empty"):
                    cell = aws_cell(operator, spec, keys, quantifier, if_exists, presence)
                    if cell:
                        yield aws_case(*cell, presence)
        for presence in ("match", "no_match", "missing"):
            yield aws_case(*aws_cell(operator, spec, keys, "", False, presence), presence, effect="Deny")


def null_matrix():
    key = "aws:TagKeys"
    for wanted in ("true", "false"):
        for presence, context in (
            ("present", {key: "x"}),
            ("empty_text", {key: ""}),
            ("several", {key: ["x", "y"]}),
            ("missing", {}),
            ("empty", {key: []}),
        ):
            absent = presence in ("missing", "empty")
            confidence = "inferred" if presence in ("empty", "empty_text") else "documented"
            why = f"Null tests presence only: the key is {'absent' if absent else 'there'}."
            holds = absent == (wanted == "true")
            cell = ("Null", key, [wanted], context, holds, confidence, why, OPERATORS_PAGE)
            yield aws_case(*cell, f"{wanted}.{presence}")


def alibaba_matrix():
    for operators, key in ALIBABA:
        for operator, (negated, operands, hits, misses) in operators.items():
            for presence in ("match", "no_match", "missing", "several"):
                confidence = "documented"
                if presence == "several":
                    values, holds, confidence = hits + misses, False, "inferred"
                    why = "There are no set operators: several values satisfy no operator."
                elif presence == "missing":
                    values, holds = None, negated
                    confidence = "inferred" if negated else "documented"
                    why = f"The key is absent: a {'negated operator holds' if negated else 'positive operator fails'}."
                else:
                    holds = presence == "match"
                    values = (hits if holds else misses)[0]
                    confidence = "inferred" if negated and len(operands) > 1 else "documented"
                    why = f"`{values}` {'satisfies' if holds else 'does not satisfy'} {operator}."
                yield alibaba_case(operator, key, operands, values, holds, confidence, why, presence)


def alibaba_case(operator, key, operands, values, holds, confidence, why, presence):
    arn = "acs:kms:cn-hangzhou:1111222233334444:key/key-hz0001"
    body = {"Action": "kms:Decrypt", "Resource": "*", "Condition": {operator: {key: operands}}}
    statement = {"Sid": "Cell", "Effect": "Allow", **body}
    cell = {"layer": "identity", "policy": "matrix", "statement": "Cell"}
    failed = {"operator": operator, "key": key, "policy": operands, "actual": values}
    return {
        "id": f"ali.op.{operator}.{presence}",
        "dialect": "alibaba",
        "principal": {"type": "ram_user", "arn": "acs:ram::1111222233334444:user/dev", "account": "1111222233334444"},
        "action": "kms:Decrypt",
        "resource": arn,
        "context": {} if values is None else {key: values},
        "layers": {"identity": [{"name": "matrix", "document": {"Version": "1", "Statement": [statement]}}]},
        "expected": "allow" if holds else "implicit_deny",
        "confidence": confidence,
        "why": why,
        "source": [RAM_PAGE],
        "explain": {"allow_by": [cell]} if holds else {"near_miss": [{**cell, "failed": [failed]}]},
    }


def written(value, indent=0, column=0):
    """JSON of lines that are not too long: what does not fit breaks, at its last member if that is enough."""
    line = json.dumps(value, ensure_ascii=False)
    if column + len(line) <= WIDTH or not value or not isinstance(value, (dict, list)):
        return line
    if isinstance(value, dict):
        opening, closing, items = "{", "}", [(json.dumps(name) + ": ", item) for name, item in value.items()]
    else:
        opening, closing, items = "[", "]", [("", item) for item in value]
    *first, (label, last) = items
    head = opening + "".join(label + json.dumps(item, ensure_ascii=False) + ", " for label, item in first) + label
    hugs = isinstance(last, (dict, list)) and (label or not first) and column + len(head) <= WIDTH * 3 // 4
    if hugs:
        return head + written(last, indent, column + len(head)) + closing
    inner = indent + 1
    pad = "\n" + " " * inner
    parts = (pad + label + written(item, inner, inner + len(label)) for label, item in items)
    return opening + ",".join(parts) + "\n" + " " * indent + closing


def write(name, title, cases):
    cases = list(cases)
    title = f"PolyKMS policy evaluation cases: {title}"
    file = {"format_version": 1, "title": title, "count": len(cases), "cases": cases}
    (HERE / f"{name}.json").write_text(written(file) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name, title, operators, one, several in AWS:
        write(name, f"AWS {title}, by quantifier, presence and IfExists", aws_matrix(operators, (one, several)))
    write("aws_operators_null", "AWS operator Null", null_matrix())
    write("alibaba_operators", "Alibaba Cloud operators, by presence", alibaba_matrix())
