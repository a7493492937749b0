// Generated from kit/vocabulary.py by `make generate`.

export const TICKET_STATUSES = ["open", "pending", "solved", "closed"] as const;
export type TicketStatus = (typeof TICKET_STATUSES)[number];

export const TICKET_PRIORITIES = ["low", "normal", "high", "urgent"] as const;
export type TicketPriority = (typeof TICKET_PRIORITIES)[number];

export const AGENT_ROLES = ["agent", "administrator"] as const;
export type AgentRole = (typeof AGENT_ROLES)[number];

export const AGENT_STATUSES = ["online", "away", "invisible"] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

export const CONVERSATION_STATUSES = ["waiting", "active", "closed"] as const;
export type ConversationStatus = (typeof CONVERSATION_STATUSES)[number];

export const VISITOR_STATES = ["waiting", "chatting", "browsing", "idle"] as const;
export type VisitorState = (typeof VISITOR_STATES)[number];

export const PERSON_KINDS = ["visitor", "agent", "integration", "system"] as const;
export type PersonKind = (typeof PERSON_KINDS)[number];

export const ENTRY_KINDS = ["opened", "message", "note", "offered", "offer_ended", "assigned", "joined", "left", "transferred", "requeued", "prioritised", "rated", "closed"] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export const LANGUAGES = ["en", "es"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each in its own language. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", es: "Español" };
export const DEFAULT_LANGUAGE: Language = "en";
