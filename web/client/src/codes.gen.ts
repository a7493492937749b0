// Generated from kit/codes.py by `make generate`.

export type Reaction = "reconnect" | "stop" | "session" | "reload" | "wait";

export const CLOSE_CODES: Readonly<Record<number, { name: string; reaction: Reaction }>> = {
  1001: { name: "going_away", reaction: "reconnect" },
  1011: { name: "internal_error", reaction: "reconnect" },
  1012: { name: "restart", reaction: "reconnect" },
  4400: { name: "protocol_error", reaction: "stop" },
  4401: { name: "not_signed_in", reaction: "session" },
  4403: { name: "forbidden", reaction: "stop" },
  4408: { name: "too_slow", reaction: "reconnect" },
  4409: { name: "replaced", reaction: "stop" },
  4410: { name: "version_gone", reaction: "reload" },
  4413: { name: "too_large", reaction: "stop" },
  4429: { name: "too_fast", reaction: "wait" },
  4503: { name: "overloaded", reaction: "reconnect" },
};

/** All that the script of every visited page needs: after any other code it reconnects. */
export const CLOSE_REACTIONS: Readonly<Partial<Record<number, Reaction>>> = {
  4400: "stop",
  4401: "session",
  4403: "stop",
  4409: "stop",
  4410: "reload",
  4413: "stop",
  4429: "wait",
};

export const ERROR_CODES = [
  "invalid",
  "unknown_type",
  "not_signed_in",
  "wrong_credentials",
  "proof_needed",
  "wrong_code",
  "code_expired",
  "already_set_up",
  "forbidden",
  "origin_refused",
  "site_disabled",
  "not_found",
  "closed",
  "not_assigned",
  "already_assigned",
  "switched_off",
  "conflict",
  "too_large",
  "too_fast",
  "retry",
  "unavailable",
  "overloaded",
  "internal",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];
