import "./Filters.css";
import "./Table.css";
import type { IconName } from "@palique/ui/Icon";
import type { ComponentChildren } from "preact";
import type { Listing } from "../api/shapes";
import { useText } from "../stores";
import type { TextKey } from "../texts/LanguageStore";
import { Blank, Failed, Skeleton } from "./Blank";
import { Button } from "./Button";
import { ListFoot } from "./ListFoot";
import { useListing } from "./useListing";
import { useSettled } from "./useSettled";
import { useWanted } from "./useWanted";
import type { Wanted } from "./wanted";

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
	all: Wanted<Field>;
	load: (wanted: Wanted<Field>, cursor: string | null, signal?: AbortSignal) => Promise<Listing<Item>>;
	nothing: Nothing;
	filters: (wanted: Wanted<Field>, change: (part: Partial<Wanted<Field>>) => void) => ComponentChildren;
	/** What is good to know of an answer to this. */
	hint?: (wanted: Wanted<Field>) => ComponentChildren;
	children: (items: readonly Item[]) => ComponentChildren;
}

/** A page with a list that is narrowed by filters and comes in pages. */
export function FilteredPage<Field extends string, Item>(props: Props<Field, Item>) {
	const { all, load, nothing } = props;
	const t = useText();
	const [wanted, change] = useWanted(props.name, all);
	const settled = useSettled(wanted);
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
					<Blank
						icon={nothing.icon}
						title={t(pages.more ? nothing.soFar : filtered ? nothing.noMatch : nothing.none)}
					>
						{filtered ? (
							<Button onClick={() => change(all)}>{t("clear_filters")}</Button>
						) : (
							<p>{t(nothing.lead)}</p>
						)}
					</Blank>
				) : (
					props.children(pages.items)
				)}
				<ListFoot pages={pages} />
			</div>
		</>
	);
}
