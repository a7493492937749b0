import "./Filters.css";
import "../parts/Table.css";
import type { IconName } from "@palique/ui/Icon";
import type { ComponentChildren } from "preact";
import type { Listing } from "../api/shapes";
import { Button } from "../parts/Button";
import { EmptyState, Failed, Skeleton } from "../parts/EmptyState";
import { ListFoot } from "../parts/ListFoot";
import { useDebounced } from "../parts/useDebounced";
import { useListing } from "../parts/useListing";
import type { TextKey } from "../texts/LanguageStore";
import { useText } from "../texts/useText";
import { type Filters, isFiltered } from "./model";
import { useFilters } from "./useFilters";

// A short pause between two words; longer feels like waiting.
const TYPING_PAUSE_MS = 300;

/** Texts for an empty list: no rows at all, no match, no match so far. */
interface EmptyTexts {
	icon: IconName;
	none: TextKey;
	lead: TextKey;
	noMatch: TextKey;
	soFar: TextKey;
}

interface Props<Field extends string, Item> {
	title: TextKey;
	/** Name under which this tab stores the filters. */
	name: string;
	/** The filters that match everything. */
	all: Filters<Field>;
	load: (filters: Filters<Field>, cursor: string | null, signal?: AbortSignal) => Promise<Listing<Item>>;
	empty: EmptyTexts;
	fields: (filters: Filters<Field>, change: (part: Partial<Filters<Field>>) => void) => ComponentChildren;
	/** Hint shown above the list for these filters. */
	hint?: (filters: Filters<Field>) => ComponentChildren;
	children: (items: readonly Item[]) => ComponentChildren;
}

/** Page with filters and a paged list. */
export function FilteredPage<Field extends string, Item>(props: Props<Field, Item>) {
	const { all, load, empty: texts } = props;
	const t = useText();
	const [filters, change] = useFilters(props.name, all);
	const debounced = useDebounced(filters, TYPING_PAUSE_MS);
	const filtered = isFiltered(debounced);
	const pages = useListing<Item>((cursor, signal) => load(debounced, cursor, signal), [debounced]);
	return (
		<>
			<header class="page-head filtered">
				<h1>{t(props.title)}</h1>
				<span class="page-head-space" />
				{props.fields(filters, change)}
			</header>
			<div class="page-body" aria-busy={pages.loading}>
				{props.hint?.(debounced)}
				{pages.problem ? (
					<Failed problem={pages.problem} retry={pages.reload} />
				) : pages.items === null ? (
					<Skeleton lines={8} />
				) : pages.items.length === 0 ? (
					<EmptyState
						icon={texts.icon}
						title={t(pages.more ? texts.soFar : filtered ? texts.noMatch : texts.none)}
					>
						{filtered ? (
							<Button onClick={() => change(all)}>{t("clear_filters")}</Button>
						) : (
							<p>{t(texts.lead)}</p>
						)}
					</EmptyState>
				) : (
					props.children(pages.items)
				)}
				<ListFoot pages={pages} />
			</div>
		</>
	);
}
