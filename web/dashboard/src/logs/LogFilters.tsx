import "../parts/Filters.css";
import { useMemo, useState } from "preact/hooks";
import { Button } from "../parts/Button";
import { SelectField, TextField } from "../parts/TextField";
import { useLoad } from "../parts/useLoad";
import { countOf, type Wanted } from "../parts/wanted";
import { useStores, useText } from "../stores";
import { countries } from "../texts/countries";
import { type LogField, MORE_LOG_FIELDS } from "./log-filter";

interface Props {
	wanted: Wanted<LogField>;
	change: (part: Partial<Wanted<LogField>>) => void;
}

// The gateway's bound.
const LONGEST = 200;

/** What was said and who it was at hand, everything else behind one button. */
export function LogFilters({ wanted, change }: Props) {
	const t = useText();
	const more = countOf(wanted, MORE_LOG_FIELDS);
	const [open, setOpen] = useState(more > 0);
	return (
		<>
			<TextField
				label={t("logs_search")}
				hideLabel
				type="search"
				placeholder={t("logs_search")}
				maxLength={LONGEST}
				value={wanted.text}
				onValue={(text) => change({ text })}
			/>
			<TextField
				label={t("logs_person")}
				hideLabel
				type="search"
				placeholder={t("logs_person")}
				maxLength={LONGEST}
				value={wanted.person}
				onValue={(person) => change({ person })}
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
	const places = useMemo(() => countries(t.language), [t.language]);
	return (
		<div class="filters">
			<TextField
				label={t("filter_from")}
				type="date"
				value={wanted.from}
				onValue={(from) => change({ from })}
			/>
			<TextField label={t("filter_to")} type="date" value={wanted.to} onValue={(to) => change({ to })} />
			<SelectField
				label={t("column_agents")}
				value={wanted.agent}
				onValue={(agent) => change({ agent })}
				options={[
					{ value: "", text: t("agent_any") },
					...agents.map(({ agent, name }) => ({ value: agent, text: name })),
				]}
			/>
			<SelectField
				label={t("filter_country")}
				value={wanted.country}
				onValue={(country) => change({ country })}
				options={[{ value: "", text: t("country_any") }, ...places]}
			/>
			<SelectField
				label={t("filter_review")}
				value={wanted.flagged}
				onValue={(flagged) => change({ flagged })}
				options={[
					{ value: "", text: t("review_any") },
					{ value: "true", text: t("flagged") },
				]}
			/>
		</div>
	);
}
