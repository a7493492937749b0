// Generated from kit/page_fields.py by `make generate`.
export const MAX_FIELDS = 20;
export const MAX_VALUE = 200;
export const KEY = /^[\w.-]{1,40}$/;
