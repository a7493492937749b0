/** Conflicts of two concurrent edits of a ticket. Pure. */
import type { Ticket, TicketChanges } from "../api/shapes";

export type ConflictField = "subject" | "status" | "priority" | "assignee";

export interface Conflict {
	field: ConflictField;
	mine: string;
	theirs: string;
}

const FIELDS: readonly ConflictField[] = ["subject", "status", "priority", "assignee"];

/** Fields whose stored value differs from the wanted one. An assignee is an id, empty for none. */
export function conflictsOf(current: Ticket, wanted: TicketChanges): Conflict[] {
	return FIELDS.filter((field) => wanted[field] !== undefined)
		.map((field) => ({ field, mine: wanted[field] ?? "", theirs: valueThere(current, field) }))
		.filter(({ mine, theirs }) => mine !== theirs);
}

function valueThere(ticket: Ticket, field: ConflictField): string {
	return field === "assignee" ? (ticket.assignee?.id ?? "") : ticket[field];
}
