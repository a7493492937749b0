import "../parts/Table.css";
import "./LogPage.css";
import { Icon } from "@palique/ui/Icon";
import { dateAndTime, duration } from "@palique/ui/time";
import type { ChatItem } from "../api/shapes";
import { Blank, Failed, Skeleton } from "../parts/Blank";
import { Button } from "../parts/Button";
import { ListFoot } from "../parts/ListFoot";
import { useListing } from "../parts/useListing";
import { useSettled } from "../parts/useSettled";
import { useWanted } from "../parts/useWanted";
import { Link } from "../routing/Link";
import { useStores, useText } from "../stores";
import { personName } from "../texts/given";
import { place } from "../texts/place";
import { LogFilters } from "./LogFilters";
import { ALL_LOGS, logFilter } from "./log-filter";

/** All past chats, narrowed by what was said, by whom, when and from where (S-12). */
export function LogsPage() {
	const { api } = useStores();
	const t = useText();
	const [wanted, change] = useWanted("logs", ALL_LOGS);
	const settled = useSettled(wanted);
	const filtered = Object.values(settled).some((value) => value.trim());
	const pages = useListing<ChatItem>(
		(cursor, signal) => api.chats(logFilter(settled), cursor, signal),
		[api, settled],
	);
	return (
		<>
			<header class="page-head filtered">
				<h1>{t("logs_title")}</h1>
				<span class="page-head-space" />
				<LogFilters wanted={wanted} change={change} />
			</header>
			<div class="page-body" aria-busy={pages.loading}>
				{settled.text.trim() ? <p class="log-hint muted small">{t("logs_search_running")}</p> : null}
				{pages.problem ? (
					<Failed problem={pages.problem} retry={pages.reload} />
				) : pages.items === null ? (
					<Skeleton lines={8} />
				) : pages.items.length === 0 ? (
					<Blank
						icon="log"
						title={t(pages.more ? "logs_none_so_far" : filtered ? "logs_no_match" : "logs_none")}
					>
						{filtered ? (
							<Button onClick={() => change(ALL_LOGS)}>{t("clear_filters")}</Button>
						) : (
							<p>{t("logs_none_lead")}</p>
						)}
					</Blank>
				) : (
					<List items={pages.items} />
				)}
				<ListFoot pages={pages} />
			</div>
		</>
	);
}

function List({ items }: { items: readonly ChatItem[] }) {
	const t = useText();
	return (
		<table class="table">
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
		</table>
	);
}

function Row({ item }: { item: ChatItem }) {
	const { router } = useStores();
	const t = useText();
	const to = { page: "log", id: item.conversation } as const;
	return (
		<tr class="table-row" onClick={() => router.go(to)}>
			<td class="table-main">
				<Link to={to} class="table-link cut">
					{personName(t, item.visitor.name)}
				</Link>
			</td>
			<td>{place(t, item.visitor.region, item.visitor.country)}</td>
			<td>{item.agents.map((agent) => agent.name).join(", ") || t("nobody")}</td>
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
