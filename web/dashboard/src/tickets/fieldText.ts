/** Fields of a ticket and their values in the agent's language. Pure. */
import type { Agent } from "../api/shapes";
import type { T, TextKey } from "../texts/LanguageStore";
import { PRIORITY_TEXTS, STATUS_TEXTS } from "./Chips";
import type { ClashField } from "./conflict";

export const FIELD_TEXTS: Readonly<Record<ClashField, TextKey>> = {
	subject: "ticket_subject",
	status: "ticket_status",
	priority: "ticket_priority",
	assignee: "ticket_assignee",
};

/** A field that is not known here stands for itself. */
export function fieldText(t: T, field: string): string {
	const texts: Readonly<Record<string, TextKey>> = FIELD_TEXTS;
	const key = texts[field];
	return key ? t(key) : field;
}

/** Whoever is no longer among the agents is somebody; a word that is not known here stands for itself. */
export function valueText(t: T, agents: readonly Agent[], field: string, value: string): string {
	if (field === "assignee") {
		if (!value) return t("nobody");
		return agents.find(({ agent }) => agent === value)?.name ?? t("somebody");
	}
	const words: Readonly<Record<string, TextKey>> =
		field === "status" ? STATUS_TEXTS : field === "priority" ? PRIORITY_TEXTS : {};
	const key = words[value];
	return key ? t(key) : value || t("empty_value");
}
