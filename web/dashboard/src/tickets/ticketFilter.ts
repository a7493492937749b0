/** Converts the filter fields of the tickets to a query. Pure. */
import { hasVisibleText } from "@palique/ui/visible";
import { TICKET_PRIORITIES, TICKET_STATUSES } from "@palique/ui/vocabulary";
import type { TicketFilter } from "../api/api";
import type { Filters } from "../filters/model";

export type TicketField = "text" | "status" | "priority" | "assignee";

export const ALL_TICKETS: Filters<TicketField> = { text: "", status: "", priority: "", assignee: "" };

/** Means "unassigned" where an agent's id is expected. */
export const UNASSIGNED = "none";

/** Ignores stored values that this version does not know. */
export function ticketFilter({ text, status, priority, assignee }: Filters<TicketField>): TicketFilter {
	const knownStatus = TICKET_STATUSES.find((known) => known === status);
	const knownPriority = TICKET_PRIORITIES.find((known) => known === priority);
	return {
		...(hasVisibleText(text) ? { text: text.trim() } : {}),
		...(knownStatus ? { status: knownStatus } : {}),
		...(knownPriority ? { priority: knownPriority } : {}),
		...(assignee ? { assignee } : {}),
	};
}
