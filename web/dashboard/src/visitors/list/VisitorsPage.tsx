import "./VisitorsPage.css";
import { Icon } from "@palique/ui/Icon";
import { useCallback, useEffect, useLayoutEffect, useState } from "preact/hooks";
import { type Filters, isFiltered } from "../../filters/model";
import { Button } from "../../parts/Button";
import { EmptyState, Skeleton } from "../../parts/EmptyState";
import { useDebounced } from "../../parts/useDebounced";
import { Link } from "../../routing/Link";
import { useStores } from "../../StoresContext";
import type { TextKey } from "../../texts/LanguageStore";
import { useText } from "../../texts/useText";
import { usePageNarrow } from "../../windows/usePageNarrow";
import type { Sorting } from "./columns";
import { SortField } from "./SortField";
import { type ListStaleness, useListStaleness } from "./useListStaleness";
import { CARDS_BELOW } from "./useScrollPosition";
import { VisitorFilters } from "./VisitorFilters";
import { VisitorTable } from "./VisitorTable";
import { FIRST_WINDOW } from "./visibleRows";
import { ALL_VISITORS, type VisitorField, visitorFilter } from "./visitorFilter";

// The gateway sorts and filters, so a request waits for a pause in typing.
const TYPING_PAUSE_MS = 250;

/** Live list of the visitors on the site (S-10, S-14 … S-22). `start`: an empty list leads to the first steps. */
export function VisitorsPage({ start }: { start: boolean }) {
	const { visitors } = useStores();
	const t = useText();
	const [sorting, setSorting] = useState<Sorting>({ sort: "since", descending: true });
	const [filters, setFilters] = useState(ALL_VISITORS);
	const onWindow = useShownWindow(sorting, filters);
	const staleness = useListStaleness();
	const narrow = usePageNarrow(CARDS_BELOW);
	const { total } = visitors.window.value;
	return (
		<>
			<header class="page-head">
				<h1>{t("visitors_title")}</h1>
				<LiveCount staleness={staleness} />
				<span class="page-head-space" />
				<VisitorFilters filters={filters} change={(part) => setFilters({ ...filters, ...part })} />
				{narrow ? <SortField sorting={sorting} onSort={setSorting} /> : null}
			</header>
			{total > 0 ? (
				<VisitorTable sorting={sorting} onSort={setSorting} onWindow={onWindow} staleness={staleness} />
			) : staleness === "live" ? (
				<NoVisitors filtered={isFiltered(filters)} clear={() => setFilters(ALL_VISITORS)} start={start} />
			) : staleness === "coming" ? (
				<Skeleton lines={8} />
			) : (
				<NotLoaded staleness={staleness} />
			)}
		</>
	);
}

/** Asks for the part of the list that is shown; returns a function that moves it. */
function useShownWindow(sorting: Sorting, filters: Filters<VisitorField>) {
	const { visitors, language } = useStores();
	const [range, setRange] = useState(FIRST_WINDOW);
	const debounced = useDebounced(filters, TYPING_PAUSE_MS);
	const reader = language.language.value;

	// Before the socket opens: its first frames ask for this window.
	useLayoutEffect(() => {
		visitors.show({ ...sorting, filter: visitorFilter(debounced), ...range, language: reader });
	}, [visitors, sorting, debounced, range, reader]);
	useEffect(() => () => visitors.show(null), [visitors]);

	return useCallback((offset: number, limit: number) => {
		setRange((before) => (before.offset === offset && before.limit === limit ? before : { offset, limit }));
	}, []);
}

const STALENESS_TEXTS: Readonly<Record<ListStaleness, TextKey | null>> = {
	live: null,
	coming: null,
	late: "visitors_late",
	offline: "visitors_old",
};

/** Number of visitors online, and a hint when the list is stale. */
function LiveCount({ staleness }: { staleness: ListStaleness }) {
	const { visitors } = useStores();
	const t = useText();
	const online = visitors.online.value;
	const hint = STALENESS_TEXTS[staleness];
	return (
		<>
			{online !== null ? (
				<span class="live-count">
					<span class={hint ? "live-dot live-dot-old" : "live-dot"} /> {t.count("online_now", online)}
				</span>
			) : null}
			<span role="status">
				{hint && online !== null ? (
					<span class="live-old">
						<Icon name="clock" size={14} /> {t(hint)}
					</span>
				) : null}
			</span>
		</>
	);
}

function NotLoaded({ staleness }: { staleness: ListStaleness }) {
	const t = useText();
	const offline = staleness === "offline";
	return (
		<div role="status">
			<EmptyState
				icon={offline ? "retry" : "clock"}
				title={t(offline ? "visitors_offline" : "visitors_busy")}
			>
				<p>{t(offline ? "visitors_offline_lead" : "visitors_busy_lead")}</p>
			</EmptyState>
		</div>
	);
}

interface NoVisitorsProps {
	filtered: boolean;
	clear: () => void;
	start: boolean;
}

function NoVisitors({ filtered, clear, start }: NoVisitorsProps) {
	const t = useText();
	const title: TextKey = filtered ? "visitors_no_match" : "visitors_none";
	return (
		<EmptyState icon={filtered ? "search" : "people"} title={t(title)}>
			{filtered ? (
				<Button onClick={clear}>{t("clear_filters")}</Button>
			) : (
				<>
					<p>
						{t("visitors_none_lead")} <Icon name="eye" size={14} />
					</p>
					{start ? <Link to={{ page: "start" }}>{t("start_next")}</Link> : null}
				</>
			)}
		</EmptyState>
	);
}
