import { Avatar } from "@palique/ui/Avatar";
import { Icon } from "@palique/ui/Icon";
import {
	AGENT_STATUSES,
	type AgentStatus,
	LANGUAGE_NAMES,
	LANGUAGES,
	type Language,
} from "@palique/ui/vocabulary";
import { asProblem } from "../api/http";
import type { Me } from "../api/shapes";
import { useNoticeItems } from "../notices/useNoticeItems";
import { Menu, type MenuItem } from "../parts/Menu";
import { useStores } from "../StoresContext";
import type { TextKey } from "../texts/LanguageStore";
import { problemText } from "../texts/problem";
import { useText } from "../texts/useText";

const STATUS_TEXTS: Readonly<Record<AgentStatus, TextKey>> = {
	online: "status_online",
	away: "status_away",
	invisible: "status_invisible",
};

/** Menu of the agent: photo, status, language, sign-out. A lost connection is shown differently from *away*. */
export function AgentMenu({ me }: { me: Me }) {
	const { connection, session, language, router, toasts } = useStores();
	const t = useText();
	const noticeItems = useNoticeItems();
	const connected = connection.phase.value === "live";

	const choose = (status: AgentStatus) => {
		if (connection.send({ type: "status", status })) session.chose(status);
		else toasts.show({ text: t("problem_offline"), danger: true });
	};
	/** Changes the language here at once and stores it in the account. */
	const speak = (one: Language) => {
		language.choose(one);
		session.change({ language: one }).catch((error) => complain(error));
	};
	const complain = (error: unknown) => toasts.show({ text: problemText(t, asProblem(error)), danger: true });
	const leave = () => session.signOut().catch(complain);

	const items: MenuItem[] = [
		...AGENT_STATUSES.map((status, index) => ({
			text: t(STATUS_TEXTS[status]),
			checked: me.status === status,
			act: () => choose(status),
			...(index === 0 ? { group: t("status") } : {}),
		})),
		...noticeItems,
		...LANGUAGES.map((one, index) => ({
			text: LANGUAGE_NAMES[one],
			checked: language.language.value === one,
			act: () => speak(one),
			...(index === 0 ? { group: t("language") } : {}),
		})),
		{
			text: t("settings_profile"),
			icon: "person" as const,
			act: () => router.go({ page: "settings", part: "profile" }),
		},
		{ text: t("sign_out"), icon: "leave" as const, group: me.email, act: () => void leave() },
	];
	const state = connected ? t(STATUS_TEXTS[me.status]) : t("status_disconnected");
	return (
		<Menu side="above" class="agent-button" items={items}>
			<span class="agent-face">
				<Avatar name={me.name} seed={me.agent} photo={me.photo} size={32} />
				<span class={`agent-dot ${connected ? `agent-dot-${me.status}` : ""}`} />
			</span>
			<span class="agent-names">
				<span class="cut" dir="auto">
					{me.name}
				</span>
				<span class="cut muted small" dir="auto">
					{state}
				</span>
			</span>
			<Icon name="up" size={15} />
		</Menu>
	);
}
