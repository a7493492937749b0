/** Conflicts of two concurrent edits of a ticket. Pure. */
import type { Ticket, TicketChanges } from "../api/shapes";

export type ClashField = "subject" | "status" | "priority" | "assignee";

export interface Clash {
	field: ClashField;
	mine: string;
	theirs: string;
}

const FIELDS: readonly ClashField[] = ["subject", "status", "priority", "assignee"];

/** Fields whose stored value differs from the wanted one. An assignee is an id, empty for none. */
export function clashes(current: Ticket, wanted: TicketChanges): Clash[] {
	return FIELDS.filter((field) => wanted[field] !== undefined)
		.map((field) => ({ field, mine: wanted[field] ?? "", theirs: valueThere(current, field) }))
		.filter(({ mine, theirs }) => mine !== theirs);
}

function valueThere(ticket: Ticket, field: ClashField): string {
	return field === "assignee" ? (ticket.assignee?.id ?? "") : ticket[field];
}
