import { TICKET_PRIORITIES, TICKET_STATUSES } from "@palique/ui/vocabulary";
import { MoreFilters } from "../filters/MoreFilters";
import { countActive, type Filters } from "../filters/model";
import { SearchField } from "../parts/SearchField";
import { SelectField } from "../parts/TextField";
import { useAgents } from "../parts/useAgents";
import { useText } from "../texts/useText";
import { priorityKey, statusKey } from "./Chips";
import { type TicketField, UNASSIGNED } from "./ticketFilter";

interface Props {
	filters: Filters<TicketField>;
	change: (part: Partial<Filters<TicketField>>) => void;
}

const STATUSES = ["", ...TICKET_STATUSES] as const;

/** Filters of the tickets: text and status always visible, assignee and priority behind a button. */
export function TicketFilters({ filters, change }: Props) {
	const t = useText();
	return (
		<>
			<fieldset class="segments">
				<legend class="visually-hidden">{t("ticket_status")}</legend>
				{STATUSES.map((status) => (
					<button
						key={status}
						type="button"
						class="segment"
						aria-pressed={filters.status === status}
						onClick={() => change({ status })}
					>
						{status ? t(statusKey(status)) : t("tickets_all")}
					</button>
				))}
			</fieldset>
			<SearchField
				main
				label={t("tickets_search")}
				placeholder={t("tickets_search_short")}
				value={filters.text}
				onValue={(text) => change({ text })}
			/>
			<MoreFilters count={countActive(filters, ["assignee", "priority"])}>
				{() => <More filters={filters} change={change} />}
			</MoreFilters>
		</>
	);
}

function More({ filters, change }: Props) {
	const t = useText();
	const agents = useAgents();
	return (
		<>
			<SelectField
				label={t("ticket_assignee")}
				value={filters.assignee}
				onValue={(assignee) => change({ assignee })}
				options={[
					{ value: "", text: t("assignee_any") },
					{ value: UNASSIGNED, text: t("unassigned") },
					...agents.map(({ agent, name }) => ({ value: agent, text: name })),
				]}
			/>
			<SelectField
				label={t("ticket_priority")}
				value={filters.priority}
				onValue={(priority) => change({ priority })}
				options={[
					{ value: "", text: t("priority_any") },
					...TICKET_PRIORITIES.map((value) => ({ value: value as string, text: t(priorityKey(value)) })),
				]}
			/>
		</>
	);
}
