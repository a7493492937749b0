import { VISITOR_STATES } from "@palique/ui/vocabulary";
import { useMemo, useRef } from "preact/hooks";
import { MoreFilters } from "../../filters/MoreFilters";
import { SearchField } from "../../parts/SearchField";
import { SelectField, TextField } from "../../parts/TextField";
import { useStores } from "../../StoresContext";
import { countryName } from "../../texts/geoPlace";
import { useText } from "../../texts/useText";
import { STATE_TEXTS } from "./StateIcon";
import { type Wishes, wishesOf } from "./visitorFilter";

interface Props {
	wishes: Wishes;
	onWishes: (wishes: Wishes) => void;
}

const STATES = ["", ...VISITOR_STATES] as const;
// Lower bounds that separate new visitors, returning ones and regulars.
const VISITS = [0, 2, 5, 10] as const;
const CHATS = [0, 1, 3] as const;
// Minutes. Typical lengths of a glance, a read, a hesitation, a stay.
const STAYS = [0, 1, 5, 15, 60] as const;

/** Filters of the list: text and state always visible, the others behind a button. */
export function VisitorFilters({ wishes, onWishes }: Props) {
	const t = useText();
	const countries = useCountries(wishes.country);
	const change = (part: Partial<Wishes>) => onWishes({ ...wishes, ...part });
	const more = wishesOf({ ...wishes, text: "", state: "" });
	const least = (number: number) => (number === 0 ? t("any_number") : t("at_least", { n: number }));
	const stays = STAYS.map((minutes) => ({
		value: String(minutes),
		text: minutes === 0 ? t("any_time") : t("at_least", { n: t("minutes", { n: minutes }) }),
	}));
	return (
		<>
			<SearchField label={t("visitors_search")} value={wishes.text} onValue={(text) => change({ text })} />
			<SelectField
				label={t("visitors_state")}
				hideLabel
				value={wishes.state}
				onValue={(state) => change({ state })}
				options={STATES.map((value) => ({ value, text: value ? t(STATE_TEXTS[value]) : t("state_any") }))}
			/>
			<MoreFilters count={more}>
				{() => (
					<>
						<TextField
							label={t("filter_page")}
							type="search"
							maxLength={LONGEST}
							value={wishes.page}
							onValue={(page) => change({ page })}
						/>
						<SelectField
							label={t("filter_country")}
							value={wishes.country}
							onValue={(country) => change({ country })}
							options={[{ value: "", text: t("country_any") }, ...countries]}
						/>
						<SelectField
							label={t("column_visits")}
							value={String(wishes.minVisits)}
							onValue={(least) => change({ minVisits: Number(least) })}
							options={VISITS.map((number) => ({ value: String(number), text: least(number) }))}
						/>
						<SelectField
							label={t("column_chats")}
							value={String(wishes.minChats)}
							onValue={(least) => change({ minChats: Number(least) })}
							options={CHATS.map((number) => ({ value: String(number), text: least(number) }))}
						/>
						<SelectField
							label={t("filter_on_page")}
							value={String(wishes.minOnPage)}
							onValue={(least) => change({ minOnPage: Number(least) })}
							options={stays}
						/>
						<SelectField
							label={t("filter_on_site")}
							value={String(wishes.minOnSite)}
							onValue={(least) => change({ minOnSite: Number(least) })}
							options={stays}
						/>
					</>
				)}
			</MoreFilters>
		</>
	);
}

// The gateway's limit.
const LONGEST = 200;

/** Countries of the rows seen since the page opened, for the select field. */
function useCountries(chosen: string): { value: string; text: string }[] {
	const { visitors } = useStores();
	const { language } = useText();
	const seen = useRef(new Set<string>());
	const before = seen.current.size;
	for (const { country } of visitors.rows.value) if (country) seen.current.add(country);
	if (chosen) seen.current.add(chosen);
	const count = Math.max(before, seen.current.size);
	return useMemo(
		() =>
			[...seen.current]
				.slice(0, count)
				.map((value) => ({ value, text: countryName(value, language) }))
				.sort((one, other) => one.text.localeCompare(other.text, language)),
		[count, language],
	);
}
