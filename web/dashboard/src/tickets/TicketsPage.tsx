import "../parts/Table.css";
import "./Tickets.css";
import { dateAndTime } from "@palique/ui/time";
import { useState } from "preact/hooks";
import { TICKET_STATUSES, type TicketItem, type TicketStatus } from "../api/shapes";
import { Blank, Failed, Skeleton } from "../parts/Blank";
import { ListFoot } from "../parts/ListFoot";
import { useListing } from "../parts/useListing";
import { Link } from "../routing/Link";
import { useStores, useText } from "../stores";
import { PriorityChip, STATUS_TEXTS, StatusChip } from "./Chips";

const CHOICES: readonly (TicketStatus | "")[] = ["", ...TICKET_STATUSES];

export function TicketsPage() {
	const { api } = useStores();
	const t = useText();
	const [status, setStatus] = useState<TicketStatus | "">("");
	const pages = useListing<TicketItem>(
		(cursor, signal) => api.tickets(status, cursor, signal),
		[api, status],
	);
	return (
		<>
			<header class="page-head">
				<h1>{t("tickets_title")}</h1>
				<span class="page-head-space" />
				<fieldset class="segments">
					<legend class="visually-hidden">{t("ticket_status")}</legend>
					{CHOICES.map((choice) => (
						<button
							key={choice}
							type="button"
							class="segment"
							aria-pressed={status === choice}
							onClick={() => setStatus(choice)}
						>
							{choice ? t(STATUS_TEXTS[choice]) : t("tickets_all")}
						</button>
					))}
				</fieldset>
			</header>
			<div class="page-body">
				{pages.items === null ? (
					pages.problem ? (
						<Failed problem={pages.problem} retry={pages.reload} />
					) : (
						<Skeleton lines={8} />
					)
				) : pages.items.length === 0 ? (
					<Blank icon="ticket" title={t(status ? "tickets_no_match" : "tickets_none")}>
						{status ? null : <p>{t("tickets_none_lead")}</p>}
					</Blank>
				) : (
					<List items={pages.items} />
				)}
				<ListFoot pages={pages} />
			</div>
		</>
	);
}

function List({ items }: { items: readonly TicketItem[] }) {
	const t = useText();
	return (
		<table class="table">
			<thead>
				<tr>
					<th scope="col" class="table-number">
						{t("ticket_number")}
					</th>
					<th scope="col" class="ticket-subject">
						{t("ticket_subject")}
					</th>
					<th scope="col">{t("column_visitor")}</th>
					<th scope="col">{t("ticket_status")}</th>
					<th scope="col">{t("ticket_priority")}</th>
					<th scope="col">{t("ticket_assignee")}</th>
					<th scope="col">{t("ticket_updated")}</th>
				</tr>
			</thead>
			<tbody>
				{items.map((item) => (
					<Row key={item.id} item={item} />
				))}
			</tbody>
		</table>
	);
}

function Row({ item }: { item: TicketItem }) {
	const { router } = useStores();
	const t = useText();
	const to = { page: "ticket", id: item.id } as const;
	return (
		<tr class="table-row" onClick={() => router.go(to)}>
			<td class="table-narrow table-number muted">#{item.number}</td>
			<td class="table-main">
				<Link to={to} class="table-link cut">
					{item.subject}
				</Link>
			</td>
			<td>{item.visitor.name}</td>
			<td class="table-narrow">
				<StatusChip status={item.status} />
			</td>
			<td class="table-narrow">
				<PriorityChip priority={item.priority} />
			</td>
			<td>{item.assignee?.name ?? t("nobody")}</td>
			<td class="table-narrow">
				<time dateTime={item.updated_at}>{dateAndTime(item.updated_at, t.language)}</time>
			</td>
		</tr>
	);
}
