import "../parts/Table.css";
import "./Tickets.css";
import { dateAndTime } from "@palique/ui/time";
import type { TicketItem } from "../api/shapes";
import { Blank, Failed, Skeleton } from "../parts/Blank";
import { Button } from "../parts/Button";
import { ListFoot } from "../parts/ListFoot";
import { useListing } from "../parts/useListing";
import { useSettled } from "../parts/useSettled";
import { useWanted } from "../parts/useWanted";
import { Link } from "../routing/Link";
import { useStores, useText } from "../stores";
import { personName, subjectText } from "../texts/given";
import { PriorityChip, StatusChip } from "./Chips";
import { TicketFilters } from "./TicketFilters";
import { ALL_TICKETS, ticketFilter } from "./ticket-filter";

/** All tickets, newest first, narrowed by words, status, assignee and priority (S-51). */
export function TicketsPage() {
	const { api } = useStores();
	const t = useText();
	const [wanted, change] = useWanted("tickets", ALL_TICKETS);
	const settled = useSettled(wanted);
	const filtered = Object.values(settled).some((value) => value.trim());
	const pages = useListing<TicketItem>(
		(cursor, signal) => api.tickets(ticketFilter(settled), cursor, signal),
		[api, settled],
	);
	return (
		<>
			<header class="page-head filtered">
				<h1>{t("tickets_title")}</h1>
				<span class="page-head-space" />
				<TicketFilters wanted={wanted} change={change} />
			</header>
			<div class="page-body" aria-busy={pages.loading}>
				{pages.problem ? (
					<Failed problem={pages.problem} retry={pages.reload} />
				) : pages.items === null ? (
					<Skeleton lines={8} />
				) : pages.items.length === 0 ? (
					<Blank icon="ticket" title={t(filtered ? "tickets_no_match" : "tickets_none")}>
						{filtered ? (
							<Button onClick={() => change(ALL_TICKETS)}>{t("clear_filters")}</Button>
						) : (
							<p>{t("tickets_none_lead")}</p>
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
					{subjectText(t, item.subject)}
				</Link>
			</td>
			<td>{personName(t, item.visitor.name)}</td>
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
