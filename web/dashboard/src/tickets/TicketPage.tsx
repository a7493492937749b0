import "../parts/Table.css";
import "./Tickets.css";
import { Icon } from "@palique/ui/Icon";
import { dateAndTime } from "@palique/ui/time";
import { TICKET_PRIORITIES, TICKET_STATUSES } from "@palique/ui/vocabulary";
import { useState } from "preact/hooks";
import { asProblem } from "../api/http";
import type { Agent, Ticket, TicketChanges } from "../api/shapes";
import { useVisitorName } from "../chats/useVisitorName";
import { ReadOnlyLog } from "../logs/ReadOnlyLog";
import { Button } from "../parts/Button";
import { ConflictResolver } from "../parts/ConflictResolver";
import { EmptyState, Failed, Skeleton } from "../parts/EmptyState";
import { SelectField } from "../parts/TextField";
import { useLoad } from "../parts/useLoad";
import { Link } from "../routing/Link";
import { useStores } from "../StoresContext";
import { problemText } from "../texts/problem";
import { useText } from "../texts/useText";
import { Pane } from "../visitors/profile/Facts";
import { Activity } from "./Activity";
import { priorityKey, statusKey } from "./Chips";
import { type Conflict, conflictsOf } from "./conflict";
import { FIELD_TEXTS, valueText } from "./fieldText";
import { Subject } from "./Subject";

const NO_VISITOR = { id: "", name: "" };

/** One ticket: transcript, facts and activity. */
export function TicketPage({ id }: { id: string }) {
	const { api, toasts } = useStores();
	const t = useText();
	const loaded = useLoad((signal) => api.ticket(id, signal), [api, id]);
	const agents = useLoad(() => api.agents(), [api]).value ?? [];
	const [conflicts, setConflicts] = useState<readonly Conflict[]>([]);
	const ticket = loaded.value;
	const visitorName = useVisitorName(ticket?.visitor ?? NO_VISITOR);

	/** On a version conflict nothing is written: both values are shown and the agent decides. */
	const change = async (changes: TicketChanges): Promise<boolean> => {
		if (!ticket) return false;
		setConflicts([]);
		try {
			loaded.set({ ...ticket, ...(await api.editTicket(ticket.id, ticket.version, changes)) });
			return true;
		} catch (error) {
			const problem = asProblem(error);
			const current = problem.code === "conflict" ? (problem.body?.current as Ticket | undefined) : undefined;
			if (!current) toasts.show({ text: problemText(t, problem), danger: true });
			else {
				loaded.set({ ...ticket, ...current });
				setConflicts(conflictsOf(current, changes));
			}
			return false;
		}
	};

	return (
		<>
			<header class="page-head">
				<Link to={{ page: "tickets" }} class="back">
					<Icon name="left" size={16} /> {t("tickets_title")}
				</Link>
				{ticket ? (
					<Subject key={ticket.subject} ticket={ticket} change={change} />
				) : (
					<h1>{t("ticket_title")}</h1>
				)}
			</header>
			{ticket ? (
				<div class="split">
					<div class="split-main">
						{ticket.transcript.length > 0 ? (
							<ReadOnlyLog label={t("log_of", { name: visitorName })} entries={ticket.transcript} />
						) : (
							<EmptyState icon="chat" title={t("transcript_none")} />
						)}
					</div>
					<aside class="split-side" aria-label={t("ticket_facts")}>
						<ConflictResolver
							conflicts={conflicts.map(({ field, mine, theirs }) => ({
								field: t(FIELD_TEXTS[field]),
								mine: valueText(t, agents, field, mine),
								theirs: valueText(t, agents, field, theirs),
								keepMine: () => void change({ [field]: mine || null } as TicketChanges),
								keepTheirs: () => setConflicts([]),
							}))}
						/>
						<Facts ticket={ticket} agents={agents} change={change} />
					</aside>
				</div>
			) : loaded.problem ? (
				<Failed problem={loaded.problem} retry={loaded.reload} />
			) : (
				<Skeleton lines={8} />
			)}
		</>
	);
}

interface FactsProps {
	ticket: Ticket;
	agents: readonly Agent[];
	change: (changes: TicketChanges) => Promise<boolean>;
}

function Facts({ ticket, agents, change }: FactsProps) {
	const { router } = useStores();
	const t = useText();
	const visitorName = useVisitorName(ticket.visitor);
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
		<>
			<Pane level={2} title={t("ticket_facts")}>
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
			</Pane>
			<Pane level={2} title={t("ticket_activity")}>
				<Activity ticket={ticket} agents={agents} />
			</Pane>
			<Pane level={2} title={t("column_visitor")}>
				<p class="ticket-visitor">
					<strong dir="auto">{visitorName}</strong>
					<span class="muted">{ticket.visitor.email ?? t("email_none")}</span>
				</p>
				<div class="ticket-links">
					<Button icon="person" small onClick={() => router.openVisitor(ticket.visitor.id)}>
						{t("visitor_details")}
					</Button>
					{ticket.conversation ? (
						<Link to={{ page: "log", id: ticket.conversation }} class="button button-plain button-small">
							<Icon name="log" size={16} /> {t("action_log")}
						</Link>
					) : null}
				</div>
			</Pane>
			<Pane level={2} title={t("ticket_times")}>
				<dl class="facts">
					<div class="fact">
						<dt>{t("ticket_created")}</dt>
						<dd>{dateAndTime(ticket.created_at, t.language)}</dd>
					</div>
					<div class="fact">
						<dt>{t("ticket_updated")}</dt>
						<dd>{dateAndTime(ticket.updated_at, t.language)}</dd>
					</div>
				</dl>
			</Pane>
		</>
	);
}
