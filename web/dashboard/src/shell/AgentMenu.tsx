import { Avatar } from "@palique/ui/Avatar";
import { Icon } from "@palique/ui/Icon";
import { AGENT_STATUSES, LANGUAGE_NAMES, LANGUAGES, type Language } from "@palique/ui/vocabulary";
import type { Me } from "../api/shapes";
import { useNoticeItems } from "../notices/useNoticeItems";
import { Menu, type MenuItem } from "../parts/Menu";
import { useFailureToast } from "../parts/useFailureToast";
import { useStores } from "../StoresContext";
import { STATUS_TEXTS, useAgentActions } from "../session/useAgentActions";
import { useText } from "../texts/useText";

/** Menu of the agent: photo, status, language, sign-out. A lost connection is shown differently from *away*. */
export function AgentMenu({ me }: { me: Me }) {
	const { connection, keyboard, session, language, router } = useStores();
	const t = useText();
	const noticeItems = useNoticeItems();
	const connected = connection.phase.value === "live";

	const { choose, leave } = useAgentActions();
	const complain = useFailureToast();
	/** Changes the language here at once and stores it in the account. */
	const speak = (one: Language) => {
		language.choose(one);
		session.change({ language: one }).catch(complain);
	};
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
			text: t("do_shortcuts"),
			icon: "keyboard" as const,
			shortcut: "shortcuts" as const,
			act: () => keyboard.open("shortcuts"),
		},
		{
			text: t("settings_profile"),
			icon: "person" as const,
			act: () => router.go({ page: "settings", part: "profile" }),
		},
		{ text: t("sign_out"), icon: "leave" as const, group: me.email, act: leave },
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
