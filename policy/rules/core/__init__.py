"""What every rule builds on: values with explicit unknowns, the rule type, network arithmetic and
the bridge to Pulumi's SDK.
"""
