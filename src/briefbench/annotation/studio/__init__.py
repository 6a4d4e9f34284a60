"""The annotation workflow on Label Studio; no other package speaks to it, and here only `client` and `accounts` do."""
