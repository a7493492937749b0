import "../parts/Table.css";
import "./Tickets.css";
import type { Agent, Ticket, TicketChanges } from "../api/shapes";
import { useVisitorName } from "../chats/useVisitorName";
import { ReadOnlyLog } from "../logs/ReadOnlyLog";
import { ConflictResolver } from "../parts/ConflictResolver";
import { EmptyState, Loading } from "../parts/EmptyState";
import { Split } from "../parts/Split";
import { useAgents } from "../parts/useAgents";
import { useLoad } from "../parts/useLoad";
import { BackLink } from "../routing/BackLink";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { FIELD_TEXTS, valueText } from "./fieldText";
import { Subject } from "./Subject";
import { TicketFacts } from "./TicketFacts";
import { type TicketEdit, useTicketEdit } from "./useTicketEdit";

/** One ticket: transcript, facts and activity. */
export function TicketPage({ id }: { id: string }) {
	const { api } = useStores();
	const t = useText();
	const loaded = useLoad((signal) => api.ticket(id, signal), [api, id]);
	const agents = useAgents();
	const edit = useTicketEdit(loaded);
	const ticket = loaded.value;
	return (
		<>
			<header class="page-head">
				<BackLink to={{ page: "tickets" }}>{t("tickets_title")}</BackLink>
				{ticket ? (
					<Subject key={ticket.subject} ticket={ticket} change={edit.change} />
				) : (
					<h1>{t("ticket_title")}</h1>
				)}
			</header>
			{ticket ? <Body ticket={ticket} agents={agents} edit={edit} /> : <Loading loaded={loaded} lines={8} />}
		</>
	);
}

interface Props {
	ticket: Ticket;
	agents: readonly Agent[];
	edit: TicketEdit;
}

function Body({ ticket, agents, edit }: Props) {
	const t = useText();
	const name = useVisitorName(ticket.visitor);
	const side = (
		<>
			<Conflicts agents={agents} edit={edit} />
			<TicketFacts ticket={ticket} agents={agents} change={edit.change} />
		</>
	);
	return (
		<Split label={t("ticket_facts")} side={side}>
			{ticket.transcript.length > 0 ? (
				<ReadOnlyLog label={t("log_of", { name })} entries={ticket.transcript} />
			) : (
				<EmptyState icon="chat" title={t("transcript_none")} />
			)}
		</Split>
	);
}

function Conflicts({ agents, edit }: Omit<Props, "ticket">) {
	const t = useText();
	const conflicts = edit.conflicts.map(({ field, mine, theirs }) => ({
		field: t(FIELD_TEXTS[field]),
		mine: valueText(t, agents, field, mine),
		theirs: valueText(t, agents, field, theirs),
		keepMine: () => void edit.change({ [field]: mine || null } as TicketChanges),
		keepTheirs: edit.keepTheirs,
	}));
	return <ConflictResolver conflicts={conflicts} />;
}
