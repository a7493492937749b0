/** What each shortcut does. */
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import type { ShortcutName } from "../keyboard/shortcuts";
import { useStores } from "../StoresContext";
import type { TextKey } from "../texts/LanguageStore";
import { useText } from "../texts/useText";
import { useCurrentChat } from "./useCurrentChat";

export type Commands = Readonly<Record<ShortcutName, () => void>>;

export function useCommands(): Commands {
	const { chatList, conversations, keyboard } = useStores();
	const actions = useChatActions();
	const currentChat = useCurrentChat();
	const explain = useExplain();
	/** Runs a way through the list that begins at the current chat. */
	const go = (show: (from: string | undefined) => boolean, none: TextKey) => () => {
		if (!show(currentChat()?.conversation)) explain(none);
	};
	return {
		...useChatCommands(),
		palette: () => keyboard.open("palette"),
		shortcuts: () => keyboard.open("shortcuts"),
		search: () => focusSearch() || keyboard.open("palette"),
		accept_next: () => {
			const [first] = conversations.waiting.peek();
			if (first) void actions.accept(first.conversation);
			else explain("no_chat_waits");
		},
		next_chat: go((from) => chatList.showNext(from), "chats_none"),
		previous_chat: go((from) => chatList.showPrevious(from), "chats_none"),
		next_unread: go((from) => chatList.showNextUnread(from), "no_unread"),
	};
}

/** The commands that apply to the current chat. */
function useChatCommands() {
	const { chatList, windows } = useStores();
	const actions = useChatActions();
	const currentChat = useCurrentChat();
	const explain = useExplain();
	const withCurrent = (act: (chat: ChatSummary) => void) => () => {
		const chat = currentChat();
		if (chat) act(chat);
		else explain("no_chat_open");
	};
	const write = (kind: "message" | "note") => (chat: ChatSummary) => {
		const draft = windows.draft(chat.conversation);
		if (chat.status === "active") windows.setDraft(chat.conversation, { ...draft, kind });
		actions.show(chat.conversation);
	};
	return {
		reply: withCurrent(write("message")),
		// Inside the text area, the same keys lead back to the reply.
		note: withCurrent((chat) => {
			const inside = document.activeElement?.closest("form.composer") != null;
			const isNote = windows.draft(chat.conversation).kind === "note";
			write(inside && isNote ? "message" : "note")(chat);
		}),
		ticket: withCurrent(({ conversation }) => {
			actions.show(conversation);
			void actions.ticketFrom(conversation);
		}),
		release: withCurrent((chat) => {
			if (chatList.mayRelease(chat)) void actions.release(chat.conversation);
			else explain("problem_not_assigned");
		}),
		take_over: withCurrent((chat) => {
			if (chatList.mayTakeOver(chat)) void actions.takeOver(chat.conversation);
			else explain("problem_forbidden");
		}),
		close_chat: withCurrent(({ conversation, status }) => {
			if (status === "closed") actions.closeWindow(conversation);
			else if (!chatList.askToClose(conversation)) explain("problem_not_assigned");
		}),
	};
}

/** Returns a function that shows why a command does nothing. */
function useExplain(): (text: TextKey) => void {
	const { toasts } = useStores();
	const t = useText();
	return (text) => toasts.show({ text: t(text) });
}

/** Focuses the first search field on the page; false if it has none. */
function focusSearch(): boolean {
	const fields = [...document.querySelectorAll<HTMLInputElement>("input[type=search]")];
	const field = fields.find((one) => !one.closest("[inert]") && one.checkVisibility());
	field?.focus();
	field?.select();
	return field !== undefined;
}
