import { hasVisibleText } from "@palique/ui/visible";
import "./LogPage.css";
import { Icon } from "@palique/ui/Icon";
import { dateAndTime, duration } from "@palique/ui/time";
import type { ListedChat } from "../api/shapes";
import { useVisitorName } from "../chats/useVisitorName";
import { FilteredPage } from "../filters/FilteredPage";
import { Grid } from "../parts/Grid";
import { Link } from "../routing/Link";
import type { Route } from "../routing/route";
import { useStores } from "../StoresContext";
import { place } from "../texts/geoPlace";
import { useText } from "../texts/useText";
import { Excerpt } from "./Excerpt";
import { LogFilters } from "./LogFilters";
import { ALL_LOGS, logFilter } from "./logFilter";

const EMPTY_TEXTS = {
	icon: "log",
	none: "logs_none",
	lead: "logs_none_lead",
	noMatch: "logs_no_match",
	soFar: "logs_none_so_far",
} as const;

/** All ended chats, filtered by text, person, agent, date and country (S-12). */
export function LogsPage() {
	const { api } = useStores();
	const t = useText();
	return (
		<FilteredPage
			title="logs_title"
			name="logs"
			all={ALL_LOGS}
			load={(filters, cursor, signal) => api.chats(logFilter(filters), cursor, signal)}
			empty={EMPTY_TEXTS}
			fields={(filters, change) => <LogFilters filters={filters} change={change} />}
			hint={({ text }) =>
				hasVisibleText(text) ? <p class="log-hint muted small">{t("logs_search_running")}</p> : null
			}
		>
			{(items) => <List items={items} />}
		</FilteredPage>
	);
}

function List({ items }: { items: readonly ListedChat[] }) {
	const t = useText();
	return (
		<Grid class={items.some(({ hit }) => hit) ? "table table-found" : "table"} label={t("logs_title")}>
			<thead>
				<tr>
					<th scope="col">{t("column_visitor")}</th>
					<th scope="col">{t("column_from")}</th>
					<th scope="col">{t("column_agents")}</th>
					<th scope="col">{t("column_started")}</th>
					<th scope="col" class="table-number">
						{t("column_duration")}
					</th>
					<th scope="col" class="table-number">
						{t("column_messages")}
					</th>
				</tr>
			</thead>
			<tbody>
				{items.map((item) => (
					<Row key={item.conversation} item={item} />
				))}
			</tbody>
		</Grid>
	);
}

function Row({ item }: { item: ListedChat }) {
	const { router } = useStores();
	const t = useText();
	const { hit } = item;
	const to: Route = { page: "log", id: item.conversation, ...(hit ? { at: hit.seq } : {}) };
	const name = useVisitorName(item.visitor);
	return (
		<tr class="table-row" onClick={() => router.go(to)}>
			<td class="table-main">
				<Link to={to} class="table-link cut" dir="auto">
					{name}
				</Link>
				{hit ? <Excerpt hit={hit} /> : null}
			</td>
			<td>{place(t, item.visitor.region, item.visitor.country)}</td>
			<td dir="auto">{item.agents.map((agent) => agent.name).join(", ") || t("unassigned")}</td>
			<td class="table-narrow">
				{item.flagged ? (
					<span class="flagged" title={t("flagged")}>
						<Icon name="flag" size={15} label={t("flagged")} />{" "}
					</span>
				) : null}
				<time dateTime={item.started_at}>{dateAndTime(item.started_at, t.language)}</time>
			</td>
			<td class="table-narrow table-number">{item.duration_s === null ? "–" : duration(item.duration_s)}</td>
			<td class="table-narrow table-number">
				<span class="unit">{t("column_messages")} </span>
				{item.messages.toLocaleString(t.language)}
			</td>
		</tr>
	);
}
