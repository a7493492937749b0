import type { TicketPriority, TicketStatus } from "../api/shapes";
import { useText } from "../StoresContext";
import type { TextKey } from "../texts/LanguageStore";

export const STATUS_TEXTS: Readonly<Record<TicketStatus, TextKey>> = {
	open: "ticket_open_status",
	pending: "ticket_pending",
	solved: "ticket_solved",
	closed: "ticket_closed",
};

export const PRIORITY_TEXTS: Readonly<Record<TicketPriority, TextKey>> = {
	low: "priority_low",
	normal: "priority_normal",
	high: "priority_high",
	urgent: "priority_urgent",
};

export function StatusChip({ status }: { status: TicketStatus }) {
	const t = useText();
	return <span class={`chip chip-${status}`}>{t(STATUS_TEXTS[status])}</span>;
}

export function PriorityChip({ priority }: { priority: TicketPriority }) {
	const t = useText();
	return <span class={`chip chip-plain chip-${priority}`}>{t(PRIORITY_TEXTS[priority])}</span>;
}
