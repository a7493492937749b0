import "../parts/Table.css";
import { Icon } from "@palique/ui/Icon";
import { dateAndTime, duration } from "@palique/ui/time";
import { useState } from "preact/hooks";
import type { ChatFilter } from "../api/api";
import type { ChatItem } from "../api/shapes";
import { Blank, Failed, Skeleton } from "../parts/Blank";
import { Button } from "../parts/Button";
import { ListFoot } from "../parts/ListFoot";
import { SelectField, TextField } from "../parts/TextField";
import { useListing } from "../parts/useListing";
import { useLoad } from "../parts/useLoad";
import { Link } from "../routing/Link";
import { useStores, useText } from "../stores";
import { place } from "../texts/place";
import { endOfDay, startOfDay } from "./days";

interface Wanted {
	from: string;
	to: string;
	agent: string;
	flagged: "" | "true";
}

const ALL: Wanted = { from: "", to: "", agent: "", flagged: "" };

/** All past chats (S-12). */
export function LogsPage() {
	const { api } = useStores();
	const t = useText();
	const [wanted, setWanted] = useState(ALL);
	const filtered = Object.values(wanted).some(Boolean);
	const pages = useListing<ChatItem>(
		(cursor, signal) => api.chats(filterOf(wanted), cursor, signal),
		[api, wanted],
	);
	return (
		<>
			<header class="page-head">
				<h1>{t("logs_title")}</h1>
				<span class="page-head-space" />
				<Filters wanted={wanted} change={(next) => setWanted({ ...wanted, ...next })} />
			</header>
			<div class="page-body">
				{pages.items === null ? (
					pages.problem ? (
						<Failed problem={pages.problem} retry={pages.reload} />
					) : (
						<Skeleton lines={8} />
					)
				) : pages.items.length === 0 ? (
					<Blank icon="log" title={t(filtered ? "logs_no_match" : "logs_none")}>
						{filtered ? (
							<Button onClick={() => setWanted(ALL)}>{t("clear_filters")}</Button>
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

function filterOf({ from, to, agent, flagged }: Wanted): ChatFilter {
	return {
		...(from ? { from: startOfDay(from) } : {}),
		...(to ? { to: endOfDay(to) } : {}),
		...(agent ? { agent } : {}),
		...(flagged ? { flagged: true } : {}),
	};
}

function Filters({ wanted, change }: { wanted: Wanted; change: (next: Partial<Wanted>) => void }) {
	const { api } = useStores();
	const t = useText();
	const agents = useLoad(() => api.agents(), [api]).value ?? [];
	return (
		<div class="log-filters">
			<TextField
				label={t("filter_from")}
				type="date"
				value={wanted.from}
				onValue={(from) => change({ from })}
			/>
			<TextField label={t("filter_to")} type="date" value={wanted.to} onValue={(to) => change({ to })} />
			<SelectField
				label={t("column_agents")}
				value={wanted.agent}
				onValue={(agent) => change({ agent })}
				options={[
					{ value: "", text: t("agent_any") },
					...agents.map(({ agent, name }) => ({ value: agent, text: name })),
				]}
			/>
			<SelectField
				label={t("filter_review")}
				value={wanted.flagged}
				onValue={(flagged) => change({ flagged })}
				options={[
					{ value: "", text: t("review_any") },
					{ value: "true", text: t("flagged") },
				]}
			/>
		</div>
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
					{item.visitor.name}
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
