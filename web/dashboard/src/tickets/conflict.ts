/** What two people wanted of one ticket at once. Pure. */
import type { Ticket, TicketChanges } from "../api/shapes";

export type ClashField = "subject" | "status" | "priority" | "assignee";

export interface Clash {
	field: ClashField;
	mine: string;
	theirs: string;
}

const FIELDS: readonly ClashField[] = ["subject", "status", "priority", "assignee"];

/** Fields in which what I wanted is not what is there now; of an assignee the id, empty for nobody. */
export function clashes(current: Ticket, wanted: TicketChanges): Clash[] {
	return FIELDS.filter((field) => wanted[field] !== undefined)
		.map((field) => ({ field, mine: wanted[field] ?? "", theirs: valueThere(current, field) }))
		.filter(({ mine, theirs }) => mine !== theirs);
}

function valueThere(ticket: Ticket, field: ClashField): string {
	return field === "assignee" ? (ticket.assignee?.id ?? "") : ticket[field];
}
