"""Component provider package: `LiveEditing` for Pulumi programs in other languages."""
