/** The palette's entries that need no request: chats, actions and pages. */
import type { IconName } from "@palique/ui/Icon";
import { AGENT_STATUSES } from "@palique/ui/vocabulary";
import type { ChatListStore } from "../chats/ChatListStore";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { useNameOf } from "../chats/useVisitorName";
import { SHORTCUTS, type ShortcutName } from "../keyboard/shortcuts";
import type { Place } from "../routing/route";
import { useStores } from "../StoresContext";
import { STATUS_TEXTS, useAgentActions } from "../session/useAgentActions";
import { useText } from "../texts/useText";
import type { PaletteGroup, PaletteItem } from "./paletteItems";
import type { Commands } from "./useCommands";

const ICONS: Readonly<Record<ShortcutName, IconName>> = {
	palette: "search",
	search: "search",
	shortcuts: "keyboard",
	accept_next: "check",
	next_chat: "down",
	previous_chat: "up",
	next_unread: "bell",
	reply: "chat",
	note: "note",
	ticket: "ticket",
	release: "clock",
	take_over: "person",
	close_chat: "leave",
};

// Actions stand below them; more chats are found by a longer query.
const CHATS_SHOWN = 6;

/** `current`: the chat to which actions apply. */
export function usePaletteActions(
	commands: Commands,
	current: ChatSummary | undefined,
): readonly PaletteGroup[] {
	const { chatList, session } = useStores();
	const t = useText();
	const pages = usePages();
	const { choose, leave } = useAgentActions();
	const chatItem = useChatItem();
	const state = session.state.value;
	if (state.phase !== "signedIn") return [];
	const chats = chatList.groups.value.flatMap((group) => group.chats);
	const actions = SHORTCUTS.flatMap(({ name, text }): PaletteItem[] =>
		applies(name, chats, current, chatList)
			? [{ id: name, icon: ICONS[name], text: t(text), shortcut: name, act: commands[name] }]
			: [],
	);
	const statuses = AGENT_STATUSES.map((status) => ({
		id: `status-${status}`,
		icon: state.me.status === status ? ("check" as const) : ("person" as const),
		text: `${t("status")}: ${t(STATUS_TEXTS[status])}`,
		act: () => choose(status),
	}));
	const signOut = { id: "sign-out", icon: "leave" as const, text: t("sign_out"), act: leave };
	return [
		{ title: "chats_title", items: chats.map(chatItem), limit: CHATS_SHOWN },
		{ title: "actions", items: actions },
		{ title: "palette_pages", items: pages },
		{ title: "status", items: [...statuses, signOut] },
	];
}

/** A waiting chat is accepted, another one is opened. */
function useChatItem(): (chat: ChatSummary) => PaletteItem {
	const { accept, show } = useChatActions();
	const nameOf = useNameOf();
	const t = useText();
	return (chat) => {
		const waits = chat.status === "waiting";
		const name = nameOf(chat.visitor);
		return {
			id: chat.conversation,
			icon: waits ? "clock" : "chat",
			text: waits ? t("accept_of", { name }) : name,
			detail: chat.status === "closed" ? t("status_ended") : (chat.lastText ?? t("no_message")),
			act: () => (waits ? void accept(chat.conversation) : show(chat.conversation)),
		};
	};
}

function usePages(): readonly PaletteItem[] {
	const { router, session } = useStores();
	const t = useText();
	const state = session.state.value;
	const administrator = state.phase === "signedIn" && state.me.role === "administrator";
	const settings = administrator
		? (["site", "widget", "agents", "profile"] as const)
		: (["profile"] as const);
	const page = (id: string, icon: PaletteItem["icon"], text: string, place: Place): PaletteItem => ({
		id,
		icon,
		text,
		act: () => router.go(place),
	});
	return [
		page("visitors", "people", t("visitors_title"), { page: "visitors" }),
		page("logs", "log", t("logs_title"), { page: "logs" }),
		page("tickets", "ticket", t("tickets_title"), { page: "tickets" }),
		...settings.map((part) =>
			page(`settings-${part}`, "settings", `${t("settings_title")}: ${t(`settings_${part}`)}`, {
				page: "settings",
				part,
			}),
		),
	];
}

/** True for a command that has something to act on. */
function applies(
	name: ShortcutName,
	chats: readonly ChatSummary[],
	current: ChatSummary | undefined,
	chatList: ChatListStore,
): boolean {
	switch (name) {
		case "palette":
			return false;
		case "accept_next":
			return chats.some(({ status }) => status === "waiting");
		case "next_chat":
		case "previous_chat":
			return chats.length > 0;
		case "next_unread":
			return chats.some(({ unread }) => unread > 0);
		case "reply":
			return current?.status === "active" && current.mine;
		case "note":
			return current?.status === "active";
		case "release":
			return current !== undefined && chatList.mayRelease(current);
		case "take_over":
			return current !== undefined && chatList.mayTakeOver(current);
		case "ticket":
		case "close_chat":
			return current !== undefined;
		default:
			return true;
	}
}
