import "./Tickets.css";
import { dateAndTime } from "@palique/ui/time";
import type { TicketItem } from "../api/shapes";
import { useVisitorName } from "../chats/useVisitorName";
import { FilteredPage } from "../filters/FilteredPage";
import { Grid } from "../parts/Grid";
import { Link } from "../routing/Link";
import { useStores } from "../StoresContext";
import { subjectText } from "../texts/labels";
import { useText } from "../texts/useText";
import { PriorityChip, StatusChip } from "./Chips";
import { TicketFilters } from "./TicketFilters";
import { ALL_TICKETS, ticketFilter } from "./ticketFilter";

// The search for tickets never stops early.
const EMPTY_TEXTS = {
	icon: "ticket",
	none: "tickets_none",
	lead: "tickets_none_lead",
	noMatch: "tickets_no_match",
	soFar: "tickets_no_match",
} as const;

/** All tickets, newest first, filtered by text, status, assignee and priority (S-51). */
export function TicketsPage() {
	const { api } = useStores();
	return (
		<FilteredPage
			title="tickets_title"
			name="tickets"
			all={ALL_TICKETS}
			load={(filters, cursor, signal) => api.tickets(ticketFilter(filters), cursor, signal)}
			empty={EMPTY_TEXTS}
			fields={(filters, change) => <TicketFilters filters={filters} change={change} />}
		>
			{(items) => <List items={items} />}
		</FilteredPage>
	);
}

function List({ items }: { items: readonly TicketItem[] }) {
	const t = useText();
	return (
		<Grid class="table" label={t("tickets_title")}>
			<thead>
				<tr>
					<th scope="col" class="table-number">
						{t("ticket_number")}
					</th>
					<th scope="col" class="ticket-subject">
						{t("ticket_subject")}
					</th>
					<th scope="col" class="ticket-person">
						{t("column_visitor")}
					</th>
					<th scope="col">{t("ticket_status")}</th>
					<th scope="col">{t("ticket_priority")}</th>
					<th scope="col" class="ticket-person">
						{t("ticket_assignee")}
					</th>
					<th scope="col">{t("ticket_updated")}</th>
				</tr>
			</thead>
			<tbody>
				{items.map((item) => (
					<Row key={item.id} item={item} />
				))}
			</tbody>
		</Grid>
	);
}

function Row({ item }: { item: TicketItem }) {
	const { router } = useStores();
	const t = useText();
	const name = useVisitorName(item.visitor);
	const to = { page: "ticket", id: item.id } as const;
	return (
		<tr class="table-row" onClick={() => router.go(to)}>
			<td class="table-narrow table-number muted">#{item.number}</td>
			<td class="table-main">
				<Link to={to} class="table-link cut" dir="auto">
					{subjectText(t, item.subject)}
				</Link>
			</td>
			<td dir="auto">{name}</td>
			<td class="table-narrow">
				<StatusChip status={item.status} />
			</td>
			<td class="table-narrow">
				<PriorityChip priority={item.priority} />
			</td>
			<td dir="auto">{item.assignee?.name ?? t("unassigned")}</td>
			<td class="table-narrow">
				<time dateTime={item.updated_at}>{dateAndTime(item.updated_at, t.language)}</time>
			</td>
		</tr>
	);
}
