/** The agent's status and sign-out, with a toast on failure. */
import type { AgentStatus } from "@palique/ui/vocabulary";
import { useFailureToast } from "../parts/useFailureToast";
import { useStores } from "../StoresContext";
import type { TextKey } from "../texts/LanguageStore";
import { useText } from "../texts/useText";

export const STATUS_TEXTS: Readonly<Record<AgentStatus, TextKey>> = {
	online: "status_online",
	away: "status_away",
	invisible: "status_invisible",
};

export function useAgentActions() {
	const { connection, session, toasts } = useStores();
	const t = useText();
	const complain = useFailureToast();
	return {
		choose: (status: AgentStatus) => {
			if (connection.send({ type: "status", status })) session.chose(status);
			else toasts.show({ text: t("problem_offline"), danger: true });
		},
		leave: () => void session.signOut().catch(complain),
	};
}
