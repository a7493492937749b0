import { useState } from "preact/hooks";
import { asProblem } from "../api/http";
import type { Ticket, TicketChanges } from "../api/shapes";
import { useFailureToast } from "../parts/useFailureToast";
import type { Loaded } from "../parts/useLoad";
import { useStores } from "../StoresContext";
import { type Conflict, conflictsOf } from "./conflict";

export interface TicketEdit {
	/** Fields that another agent changed since; the agent decides about each. */
	readonly conflicts: readonly Conflict[];
	/** Resolves to true when the changes are stored. On a version conflict nothing is written. */
	change: (changes: TicketChanges) => Promise<boolean>;
	keepTheirs: () => void;
}

/** Changes of a ticket that others may change too. */
export function useTicketEdit({ value: ticket, set }: Loaded<Ticket>): TicketEdit {
	const { api } = useStores();
	const complain = useFailureToast();
	const [conflicts, setConflicts] = useState<readonly Conflict[]>([]);

	const change = async (changes: TicketChanges) => {
		if (!ticket) return false;
		setConflicts([]);
		try {
			set({ ...ticket, ...(await api.editTicket(ticket.id, ticket.version, changes)) });
			return true;
		} catch (error) {
			const { code, body } = asProblem(error);
			const current = code === "conflict" ? (body?.current as Ticket | undefined) : undefined;
			if (!current) complain(error);
			else {
				set({ ...ticket, ...current });
				setConflicts(conflictsOf(current, changes));
			}
			return false;
		}
	};
	return { conflicts, change, keepTheirs: () => setConflicts([]) };
}
