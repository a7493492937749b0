import "../parts/Table.css";
import "./Tickets.css";
import { Icon } from "@palique/ui/Icon";
import { useState } from "preact/hooks";
import { asProblem } from "../api/http";
import type { Ticket, TicketChanges } from "../api/shapes";
import { useVisitorName } from "../chats/useVisitorName";
import { ReadOnlyLog } from "../logs/ReadOnlyLog";
import { ConflictResolver } from "../parts/ConflictResolver";
import { EmptyState, Loading } from "../parts/EmptyState";
import { useAgents } from "../parts/useAgents";
import { useLoad } from "../parts/useLoad";
import { Link } from "../routing/Link";
import { useStores } from "../StoresContext";
import { problemText } from "../texts/problem";
import { useText } from "../texts/useText";
import { type Conflict, conflictsOf } from "./conflict";
import { FIELD_TEXTS, valueText } from "./fieldText";
import { Subject } from "./Subject";
import { TicketFacts } from "./TicketFacts";

const NO_VISITOR = { id: "", name: "" };

/** One ticket: transcript, facts and activity. */
export function TicketPage({ id }: { id: string }) {
	const { api, toasts } = useStores();
	const t = useText();
	const loaded = useLoad((signal) => api.ticket(id, signal), [api, id]);
	const agents = useAgents();
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
						<TicketFacts ticket={ticket} agents={agents} change={change} />
					</aside>
				</div>
			) : (
				<Loading loaded={loaded} lines={8} />
			)}
		</>
	);
}
