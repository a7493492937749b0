import { VISITOR_STATES } from "@palique/ui/vocabulary";
import { useMemo, useRef } from "preact/hooks";
import { MoreFilters } from "../../filters/MoreFilters";
import { countActive, type Filters } from "../../filters/model";
import { SearchField } from "../../parts/SearchField";
import { SelectField } from "../../parts/TextField";
import { useStores } from "../../StoresContext";
import { countryOptions } from "../../texts/geoPlace";
import { useText } from "../../texts/useText";
import { STATE_TEXTS } from "./StateIcon";
import { MORE_VISITOR_FIELDS, type VisitorField } from "./visitorFilter";

interface Props {
	filters: Filters<VisitorField>;
	change: (part: Partial<Filters<VisitorField>>) => void;
}

const STATES = ["", ...VISITOR_STATES] as const;
// Lower bounds that separate new visitors, returning ones and regulars.
const VISITS = ["", "2", "5", "10"] as const;
const CHATS = ["", "1", "3"] as const;
// Minutes. Typical lengths of a glance, a read, a hesitation, a stay.
const DURATIONS = ["", "1", "5", "15", "60"] as const;

/** Filters of the list: text and state always visible, the others behind a button. */
export function VisitorFilters({ filters, change }: Props) {
	const t = useText();
	// Here, so that countries are collected also while their field is hidden.
	const countries = useCountries(filters.country);
	return (
		<>
			<SearchField
				main
				label={t("visitors_search")}
				value={filters.text}
				onValue={(text) => change({ text })}
			/>
			<SelectField
				label={t("visitors_state")}
				hideLabel
				value={filters.state}
				onValue={(state) => change({ state })}
				options={STATES.map((value) => ({ value, text: value ? t(STATE_TEXTS[value]) : t("state_any") }))}
			/>
			<MoreFilters count={countActive(filters, MORE_VISITOR_FIELDS)}>
				{() => <More filters={filters} change={change} countries={countries} />}
			</MoreFilters>
		</>
	);
}

interface MoreProps extends Props {
	countries: readonly { value: string; text: string }[];
}

function More({ filters, change, countries }: MoreProps) {
	const t = useText();
	const least = (field: VisitorField) => ({
		value: filters[field],
		onValue: (value: string) => change({ [field]: value }),
	});
	return (
		<>
			<SearchField
				label={t("filter_page")}
				showLabel
				value={filters.page}
				onValue={(page) => change({ page })}
			/>
			<SelectField
				label={t("filter_country")}
				value={filters.country}
				onValue={(country) => change({ country })}
				options={[{ value: "", text: t("country_any") }, ...countries]}
			/>
			<LeastField label={t("column_visits")} steps={VISITS} {...least("minVisits")} />
			<LeastField label={t("column_chats")} steps={CHATS} {...least("minChats")} />
			<LeastField label={t("filter_on_page")} steps={DURATIONS} minutes {...least("minOnPage")} />
			<LeastField label={t("filter_on_site")} steps={DURATIONS} minutes {...least("minOnSite")} />
		</>
	);
}

interface LeastFieldProps {
	label: string;
	/** Decimal texts; an empty one is no minimum. */
	steps: readonly string[];
	minutes?: boolean;
	value: string;
	onValue: (value: string) => void;
}

/** Field for a minimum. */
function LeastField({ label, steps, minutes, value, onValue }: LeastFieldProps) {
	const t = useText();
	const options = steps.map((n) => ({
		value: n,
		text: n ? t("at_least", { n: minutes ? t("minutes", { n }) : n }) : t("no_minimum"),
	}));
	return <SelectField label={label} value={value} onValue={onValue} options={options} />;
}

/** Countries of the rows seen since the page opened, for the select field. */
function useCountries(chosen: string): { value: string; text: string }[] {
	const { visitors } = useStores();
	const { language } = useText();
	const seen = useRef(new Set<string>());
	const before = seen.current.size;
	for (const { country } of visitors.rows.value) if (country) seen.current.add(country);
	if (chosen) seen.current.add(chosen);
	const count = Math.max(before, seen.current.size);
	return useMemo(() => countryOptions([...seen.current].slice(0, count), language), [count, language]);
}
