import "../parts/Filters.css";
import { useState } from "preact/hooks";
import { TICKET_PRIORITIES, TICKET_STATUSES } from "../api/shapes";
import { Button } from "../parts/Button";
import { SelectField, TextField } from "../parts/TextField";
import { useLoad } from "../parts/useLoad";
import { countOf, type Wanted } from "../parts/wanted";
import { useStores, useText } from "../stores";
import { PRIORITY_TEXTS, STATUS_TEXTS } from "./Chips";
import { NOBODY, type TicketField } from "./ticket-filter";

interface Props {
	wanted: Wanted<TicketField>;
	change: (part: Partial<Wanted<TicketField>>) => void;
}

const STATUSES = ["", ...TICKET_STATUSES] as const;
// The gateway's bound.
const LONGEST = 200;

/** Words and status at hand, whose and how urgent behind one button. */
export function TicketFilters({ wanted, change }: Props) {
	const t = useText();
	const more = countOf(wanted, ["assignee", "priority"]);
	const [open, setOpen] = useState(more > 0);
	return (
		<>
			<fieldset class="segments">
				<legend class="visually-hidden">{t("ticket_status")}</legend>
				{STATUSES.map((status) => (
					<button
						key={status}
						type="button"
						class="segment"
						aria-pressed={wanted.status === status}
						onClick={() => change({ status })}
					>
						{status ? t(STATUS_TEXTS[status]) : t("tickets_all")}
					</button>
				))}
			</fieldset>
			<TextField
				label={t("tickets_search")}
				hideLabel
				type="search"
				placeholder={t("tickets_search")}
				maxLength={LONGEST}
				value={wanted.text}
				onValue={(text) => change({ text })}
			/>
			<Button icon="filter" expanded={open} onClick={() => setOpen(!open)}>
				{t("more_filters")}
				{more > 0 ? <span class="badge">{more}</span> : null}
			</Button>
			{open ? <More wanted={wanted} change={change} /> : null}
		</>
	);
}

function More({ wanted, change }: Props) {
	const { api } = useStores();
	const t = useText();
	const agents = useLoad(() => api.agents(), [api]).value ?? [];
	return (
		<div class="filters">
			<SelectField
				label={t("ticket_assignee")}
				value={wanted.assignee}
				onValue={(assignee) => change({ assignee })}
				options={[
					{ value: "", text: t("assignee_any") },
					{ value: NOBODY, text: t("nobody") },
					...agents.map(({ agent, name }) => ({ value: agent, text: name })),
				]}
			/>
			<SelectField
				label={t("ticket_priority")}
				value={wanted.priority}
				onValue={(priority) => change({ priority })}
				options={[
					{ value: "", text: t("priority_any") },
					...TICKET_PRIORITIES.map((value) => ({ value: value as string, text: t(PRIORITY_TEXTS[value]) })),
				]}
			/>
		</div>
	);
}
