/** State of a conversation, folded from its entries. Unknown kinds of entries change nothing. Pure. */
import type { Entry, Person } from "./frames";

export interface FoldedConversation {
	readonly status: "waiting" | "active" | "closed";
	readonly assignee: Person | null;
	readonly startedBy: "visitor" | "agent" | null;
	readonly startedAt: string | null;
	readonly endedAt: string | null;
}

export const NOT_STARTED: FoldedConversation = {
	status: "waiting",
	assignee: null,
	startedBy: null,
	startedAt: null,
	endedAt: null,
};

/** `before`: the state before the first of these entries. */
export function foldEntries(
	entries: readonly Entry[],
	before: FoldedConversation = NOT_STARTED,
): FoldedConversation {
	return entries.reduce(after, before);
}

function after(standing: FoldedConversation, entry: Entry): FoldedConversation {
	switch (entry.kind) {
		case "opened":
			return { ...standing, startedBy: entry.started_by ?? null, startedAt: entry.at ?? null };
		case "assigned":
			return {
				...standing,
				status: "active",
				assignee: entry.agent ? { id: entry.agent.id, name: entry.agent.name ?? "" } : null,
			};
		case "requeued":
		case "transferred":
			return standing.status === "active" ? { ...standing, status: "waiting", assignee: null } : standing;
		case "closed":
			return { ...standing, status: "closed", endedAt: entry.at ?? null };
		default:
			return standing;
	}
}
