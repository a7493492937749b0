import { useMemo } from "preact/hooks";
import { MoreFilters } from "../filters/MoreFilters";
import { countActive, type Filters } from "../filters/model";
import { SearchField } from "../parts/SearchField";
import { SelectField, TextField } from "../parts/TextField";
import { useAgents } from "../parts/useAgents";
import { countries } from "../texts/countries";
import { useText } from "../texts/useText";
import { type LogField, MORE_LOG_FIELDS } from "./logFilter";

interface Props {
	filters: Filters<LogField>;
	change: (part: Partial<Filters<LogField>>) => void;
}

/** Filters of the logs: text and person always visible, the others behind a button. */
export function LogFilters({ filters, change }: Props) {
	const t = useText();
	return (
		<>
			<SearchField
				main
				label={t("logs_search")}
				placeholder={t("logs_search_short")}
				value={filters.text}
				onValue={(text) => change({ text })}
			/>
			<SearchField
				label={t("logs_person")}
				placeholder={t("logs_person_short")}
				value={filters.person}
				onValue={(person) => change({ person })}
			/>
			<MoreFilters count={countActive(filters, MORE_LOG_FIELDS)}>
				{() => <More filters={filters} change={change} />}
			</MoreFilters>
		</>
	);
}

function More({ filters, change }: Props) {
	const t = useText();
	const agents = useAgents();
	const places = useMemo(() => countries(t.language), [t.language]);
	return (
		<>
			<TextField
				label={t("filter_from")}
				type="date"
				value={filters.from}
				onValue={(from) => change({ from })}
			/>
			<TextField label={t("filter_to")} type="date" value={filters.to} onValue={(to) => change({ to })} />
			<SelectField
				label={t("column_agents")}
				value={filters.agent}
				onValue={(agent) => change({ agent })}
				options={[
					{ value: "", text: t("agent_any") },
					...agents.map(({ agent, name }) => ({ value: agent, text: name })),
				]}
			/>
			<SelectField
				label={t("filter_country")}
				value={filters.country}
				onValue={(country) => change({ country })}
				options={[{ value: "", text: t("country_any") }, ...places]}
			/>
			<SelectField
				label={t("filter_review")}
				value={filters.flagged}
				onValue={(flagged) => change({ flagged })}
				options={[
					{ value: "", text: t("review_any") },
					{ value: "true", text: t("flagged") },
				]}
			/>
		</>
	);
}
