"""For each rule a violating and a complying program. The reference pages show them, and the tests
run these very functions.

A function `{rule id with underscores}_violating` breaks that rule, `…_complying` meets it.
Constants of the same name with `_CONFIG` at the end, in capitals, are the policy configuration that
goes with the example.
"""
