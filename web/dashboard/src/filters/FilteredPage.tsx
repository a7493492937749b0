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
import type { Filters } from "./model";
import { useFilters } from "./useFilters";

/** Texts for an empty list: no rows at all, no match, no match so far. */
interface Nothing {
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
	load: (wanted: Filters<Field>, cursor: string | null, signal?: AbortSignal) => Promise<Listing<Item>>;
	nothing: Nothing;
	filters: (wanted: Filters<Field>, change: (part: Partial<Filters<Field>>) => void) => ComponentChildren;
	/** Hint shown above the list for these filters. */
	hint?: (wanted: Filters<Field>) => ComponentChildren;
	children: (items: readonly Item[]) => ComponentChildren;
}

/** Page with filters and a paged list. */
export function FilteredPage<Field extends string, Item>(props: Props<Field, Item>) {
	const { all, load, nothing } = props;
	const t = useText();
	const [wanted, change] = useFilters(props.name, all);
	const settled = useDebounced(wanted);
	const filtered = Object.values<string>(settled).some((value) => value.trim());
	const pages = useListing<Item>((cursor, signal) => load(settled, cursor, signal), [settled]);
	return (
		<>
			<header class="page-head filtered">
				<h1>{t(props.title)}</h1>
				<span class="page-head-space" />
				{props.filters(wanted, change)}
			</header>
			<div class="page-body" aria-busy={pages.loading}>
				{props.hint?.(settled)}
				{pages.problem ? (
					<Failed problem={pages.problem} retry={pages.reload} />
				) : pages.items === null ? (
					<Skeleton lines={8} />
				) : pages.items.length === 0 ? (
					<EmptyState
						icon={nothing.icon}
						title={t(pages.more ? nothing.soFar : filtered ? nothing.noMatch : nothing.none)}
					>
						{filtered ? (
							<Button onClick={() => change(all)}>{t("clear_filters")}</Button>
						) : (
							<p>{t(nothing.lead)}</p>
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
