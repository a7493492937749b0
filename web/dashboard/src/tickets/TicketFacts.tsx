import { Icon } from "@palique/ui/Icon";
import { dateAndTime } from "@palique/ui/time";
import { TICKET_PRIORITIES, TICKET_STATUSES } from "@palique/ui/vocabulary";
import type { Agent, Ticket, TicketChanges } from "../api/shapes";
import { useVisitorName } from "../chats/useVisitorName";
import { Button } from "../parts/Button";
import { FactList } from "../parts/FactList";
import { Pane } from "../parts/Pane";
import { SelectField } from "../parts/TextField";
import { Link } from "../routing/Link";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { Activity } from "./Activity";
import { priorityKey, statusKey } from "./Chips";

interface Props {
	ticket: Ticket;
	agents: readonly Agent[];
	change: (changes: TicketChanges) => Promise<boolean>;
}

/** What stands beside the transcript of a ticket. */
export function TicketFacts({ ticket, agents, change }: Props) {
	const t = useText();
	return (
		<>
			<Pane level={2} title={t("ticket_facts")}>
				<Handling ticket={ticket} agents={agents} change={change} />
			</Pane>
			<Pane level={2} title={t("ticket_activity")}>
				<Activity ticket={ticket} agents={agents} />
			</Pane>
			<Pane level={2} title={t("column_visitor")}>
				<Visitor ticket={ticket} />
			</Pane>
			<Pane level={2} title={t("ticket_times")}>
				<FactList
					facts={[
						[t("ticket_created"), dateAndTime(ticket.created_at, t.language)],
						[t("ticket_updated"), dateAndTime(ticket.updated_at, t.language)],
					]}
				/>
			</Pane>
		</>
	);
}

/** Status, priority and assignee, which an agent changes in place. */
function Handling({ ticket, agents, change }: Props) {
	const t = useText();
	const { assignee } = ticket;
	const people = [
		{ value: "", text: t("unassigned") },
		...agents.map(({ agent, name }) => ({ value: agent, text: name })),
		// Keeps an assignee that the list no longer has.
		...(assignee && !agents.some(({ agent }) => agent === assignee.id)
			? [{ value: assignee.id, text: assignee.name }]
			: []),
	];
	return (
		<div class="facts-form">
			<SelectField
				label={t("ticket_status")}
				value={ticket.status}
				onValue={(status) => void change({ status })}
				options={TICKET_STATUSES.map((value) => ({ value, text: t(statusKey(value)) }))}
			/>
			<SelectField
				label={t("ticket_priority")}
				value={ticket.priority}
				onValue={(priority) => void change({ priority })}
				options={TICKET_PRIORITIES.map((value) => ({ value, text: t(priorityKey(value)) }))}
			/>
			<SelectField
				label={t("ticket_assignee")}
				value={assignee?.id ?? ""}
				onValue={(agent) => void change({ assignee: agent || null })}
				options={people}
			/>
		</div>
	);
}

function Visitor({ ticket }: { ticket: Ticket }) {
	const { router } = useStores();
	const t = useText();
	const { visitor, conversation } = ticket;
	const name = useVisitorName(visitor);
	return (
		<>
			<p class="ticket-visitor">
				<strong dir="auto">{name}</strong>
				<span class="muted">{visitor.email ?? t("email_none")}</span>
			</p>
			<div class="ticket-links">
				<Button icon="person" small onClick={() => router.openVisitor(visitor.id)}>
					{t("visitor_details")}
				</Button>
				{conversation ? (
					<Link to={{ page: "log", id: conversation }} class="button button-plain button-small">
						<Icon name="log" size={16} /> {t("action_log")}
					</Link>
				) : null}
			</div>
		</>
	);
}
