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
	const { connection } = useStores();
	const t = useText();
	const connected = connection.phase.value === "live";
	const state = connected ? t(STATUS_TEXTS[me.status]) : t("status_disconnected");
	return (
		<Menu side="above" class="agent-button" items={useAgentItems(me)}>
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

function useAgentItems(me: Me): readonly MenuItem[] {
	const { keyboard, router } = useStores();
	const t = useText();
	const { choose, leave } = useAgentActions();
	const statuses = AGENT_STATUSES.map((status, index) => ({
		text: t(STATUS_TEXTS[status]),
		checked: me.status === status,
		act: () => choose(status),
		...(index === 0 ? { group: t("status") } : {}),
	}));
	return [
		...statuses,
		...useNoticeItems(),
		...useLanguageItems(),
		{
			text: t("do_shortcuts"),
			icon: "keyboard",
			shortcut: "shortcuts",
			act: () => keyboard.open("shortcuts"),
		},
		{
			text: t("settings_profile"),
			icon: "person",
			act: () => router.go({ page: "settings", part: "profile" }),
		},
		{ text: t("sign_out"), icon: "leave", group: me.email, act: leave },
	];
}

/** A click changes the language here at once and stores it in the account. */
function useLanguageItems(): readonly MenuItem[] {
	const { session, language } = useStores();
	const t = useText();
	const complain = useFailureToast();
	const speak = (one: Language) => {
		language.choose(one);
		session.change({ language: one }).catch(complain);
	};
	return LANGUAGES.map((one, index) => ({
		text: LANGUAGE_NAMES[one],
		checked: language.language.value === one,
		act: () => speak(one),
		...(index === 0 ? { group: t("language") } : {}),
	}));
}
