import { stripBidiControls } from "@palique/ui/bidi";
import type { TicketItem } from "../api/shapes";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";

/** The assignee of a ticket in a short sentence as an agent reads it. */
export function useAssigneeText(): (assignee: TicketItem["assignee"]) => string {
	const { session } = useStores();
	const t = useText();
	const state = session.state.value;
	const me = state.phase === "signedIn" ? state.me.agent : null;
	return (assignee) => {
		if (!assignee) return t("unassigned");
		return assignee.id === me
			? t("ticket_yours")
			: t("ticket_theirs", { name: stripBidiControls(assignee.name) });
	};
}
