"""What a person or CI runs around `pulumi up`: image build, deployment that waits, smoke test,
rollback, doctor.

Every command says what it will do before it does it, takes `--dry-run`, and fails with one line
(`ReleaseError`).
"""
