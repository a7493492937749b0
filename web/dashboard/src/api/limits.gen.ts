// Generated from services/gateway/accounts/password_rule.py by `make generate`.
export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 1000;
