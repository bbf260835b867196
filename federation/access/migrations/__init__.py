"""The schema of accounts, sessions and the audit trail."""
