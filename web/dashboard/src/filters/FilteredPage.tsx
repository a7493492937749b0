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

/** Said where there is no row: nothing at all and why, nothing that fits, nothing as far as the search went. */
interface Nothing {
	icon: IconName;
	none: TextKey;
	lead: TextKey;
	noMatch: TextKey;
	soFar: TextKey;
}

interface Props<Field extends string, Item> {
	title: TextKey;
	/** What is wanted is kept under it in this tab. */
	name: string;
	/** Nothing wanted in particular. */
	all: Filters<Field>;
	load: (wanted: Filters<Field>, cursor: string | null, signal?: AbortSignal) => Promise<Listing<Item>>;
	nothing: Nothing;
	filters: (wanted: Filters<Field>, change: (part: Partial<Filters<Field>>) => void) => ComponentChildren;
	/** What is good to know of an answer to this. */
	hint?: (wanted: Filters<Field>) => ComponentChildren;
	children: (items: readonly Item[]) => ComponentChildren;
}

/** A page with a list that is narrowed by filters and comes in pages. */
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
