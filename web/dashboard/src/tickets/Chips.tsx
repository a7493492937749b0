import type { TicketPriority, TicketStatus } from "@palique/ui/vocabulary";
import type { TextKey } from "../texts/LanguageStore";
import { useText } from "../texts/useText";

export const statusKey = (status: TicketStatus): TextKey => `ticket_status_${status}`;
export const priorityKey = (priority: TicketPriority): TextKey => `priority_${priority}`;

export function StatusChip({ status }: { status: TicketStatus }) {
	const t = useText();
	return <span class={`chip chip-${status}`}>{t(statusKey(status))}</span>;
}

export function PriorityChip({ priority }: { priority: TicketPriority }) {
	const t = useText();
	return <span class={`chip chip-plain chip-${priority}`}>{t(priorityKey(priority))}</span>;
}
