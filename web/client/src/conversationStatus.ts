/** Where a conversation stands, folded from its entries. Kinds that this client does not know change nothing. */
import type { Entry, Person } from "./frames";

export interface ConversationStatus {
	readonly status: "waiting" | "active" | "closed";
	readonly assignee: Person | null;
	readonly startedBy: "visitor" | "agent" | null;
	readonly startedAt: string | null;
	readonly endedAt: string | null;
}

export const NOT_STARTED: ConversationStatus = {
	status: "waiting",
	assignee: null,
	startedBy: null,
	startedAt: null,
	endedAt: null,
};

/** `before`: where it stood before the first of these entries. */
export function conversationStatus(
	entries: readonly Entry[],
	before: ConversationStatus = NOT_STARTED,
): ConversationStatus {
	return entries.reduce(after, before);
}

function after(standing: ConversationStatus, entry: Entry): ConversationStatus {
	switch (entry.kind) {
		case "opened":
			return { ...standing, startedBy: entry.started_by ?? null, startedAt: entry.at ?? null };
		case "assigned":
			return { ...standing, status: "active", assignee: entry.agent ?? null };
		case "closed":
			return { ...standing, status: "closed", endedAt: entry.at ?? null };
		default:
			return standing;
	}
}
