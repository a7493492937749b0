import type { Agent, Ticket, TicketChanges } from "../api/shapes";
import { useVisitorName } from "../chats/useVisitorName";
import { ReadOnlyLog } from "../logs/ReadOnlyLog";
import { ConflictResolver } from "../parts/ConflictResolver";
import { EmptyState } from "../parts/EmptyState";
import { Split } from "../parts/Split";
import { useText } from "../texts/useText";
import { FIELD_TEXTS, valueText } from "./fieldText";
import { TicketFacts } from "./TicketFacts";
import type { TicketEdit } from "./useTicketEdit";

interface Props {
	ticket: Ticket;
	agents: readonly Agent[];
	edit: TicketEdit;
}

/** Transcript, facts and activity of a ticket. */
export function TicketBody({ ticket, agents, edit }: Props) {
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
