/** Names and values of ticket fields in the agent's language. Pure. */
import { TICKET_PRIORITIES, TICKET_STATUSES } from "@palique/ui/vocabulary";
import type { Agent } from "../api/shapes";
import type { T, TextKey } from "../texts/LanguageStore";
import { priorityKey, statusKey } from "./Chips";
import type { ConflictField } from "./conflict";

export const FIELD_TEXTS: Readonly<Record<ConflictField, TextKey>> = {
	subject: "ticket_subject",
	status: "ticket_status",
	priority: "ticket_priority",
	assignee: "ticket_assignee",
};

/** An unknown field is shown by its own name. */
export function fieldText(t: T, field: string): string {
	const texts: Readonly<Record<string, TextKey>> = FIELD_TEXTS;
	const key = texts[field];
	return key ? t(key) : field;
}

/** An agent missing from the list has a generic name. An unknown value is shown as it is. */
export function valueText(t: T, agents: readonly Agent[], field: string, value: string): string {
	if (field === "assignee") {
		if (!value) return t("unassigned");
		return agents.find(({ agent }) => agent === value)?.name ?? t("someone");
	}
	const status = field === "status" && TICKET_STATUSES.find((known) => known === value);
	if (status) return t(statusKey(status));
	const priority = field === "priority" && TICKET_PRIORITIES.find((known) => known === value);
	if (priority) return t(priorityKey(priority));
	return value || t("empty_value");
}
