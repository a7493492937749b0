/** Converts the filter fields of the logs to a query. Pure except for the reader's time zone. */
import { hasVisibleText } from "@palique/ui/visible";
import type { ChatFilter } from "../api/api";
import type { Filters } from "../filters/model";
import { endOfDay, startOfDay } from "./days";

export type LogField = "text" | "person" | "from" | "to" | "agent" | "country" | "flagged";

export const ALL_LOGS: Filters<LogField> = {
	text: "",
	person: "",
	from: "",
	to: "",
	agent: "",
	country: "",
	flagged: "",
};

/** Fields behind the button "Filters". */
export const MORE_LOG_FIELDS: readonly LogField[] = ["from", "to", "agent", "country", "flagged"];

export function logFilter(filters: Filters<LogField>): ChatFilter {
	const { text, person, from, to, agent, country, flagged } = filters;
	return {
		...(hasVisibleText(text) ? { text: text.trim() } : {}),
		...(hasVisibleText(person) ? { person: person.trim() } : {}),
		...(from ? { from: startOfDay(from) } : {}),
		...(to ? { to: endOfDay(to) } : {}),
		...(agent ? { agent } : {}),
		...(country ? { country } : {}),
		...(flagged ? { flagged: true } : {}),
	};
}
