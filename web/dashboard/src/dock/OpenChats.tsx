import "./Dock.css";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Conversation } from "../chats/Conversation";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { useVisitorName } from "../chats/useVisitorName";
import { useEscape } from "../parts/useDismiss";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { cellOf } from "../windows/screenLayout";
import { inRem } from "../windows/screenSize";
import { close } from "../windows/windowLayout";
import { ChatList } from "./ChatList";
import { CloseQuestion } from "./CloseQuestion";
import { MaximisedWindow } from "./MaximisedWindow";
import { WindowHead } from "./WindowHead";

/** The list of chats, the compact windows beside the page (S-35, S-40), and the maximised one in its place. */
export function OpenChats() {
	const { windows, conversations } = useStores();
	const { windows: shown, list } = windows.screenLayout.value;
	const front = shown.find(({ view }) => view === "maximised")?.conversation;
	const maximised = front === undefined ? undefined : conversations.chat(front);
	return (
		<>
			{shown.map(({ conversation }) => (
				<Followed key={conversation} conversation={conversation} />
			))}
			{list === "beside" ? <ChatList /> : null}
			<CompactWindows />
			{list === "full" || maximised ? (
				<InsteadOfPage>
					{list === "full" ? <ChatList /> : null}
					{maximised ? <MaximisedWindow key={front} chat={maximised} /> : null}
				</InsteadOfPage>
			) : null}
			<CloseQuestion />
		</>
	);
}

/** The main landmark while the page is inert. */
function InsteadOfPage({ children }: { children: ComponentChildren }) {
	const t = useText();
	return (
		<main class="instead">
			<h1 class="visually-hidden">{t("chats_title")}</h1>
			{children}
		</main>
	);
}

function CompactWindows() {
	const { windows, conversations } = useStores();
	const { windows: shown, columns, columnWidth } = windows.screenLayout.value;
	if (columns === 0) return null;
	const open = shown.filter(({ view }) => view === "compact");
	return (
		<div class="boxes" style={{ gridTemplateColumns: `repeat(${columns}, ${inRem(columnWidth)})` }}>
			{open.map(({ conversation }, index) => {
				const chat = conversations.chat(conversation);
				const { column, row } = cellOf(index, open.length, columns);
				return (
					<div key={conversation} class="boxes-cell" style={{ gridColumn: column, gridRow: row }}>
						{chat ? <CompactWindow chat={chat} /> : null}
					</div>
				);
			})}
		</div>
	);
}

function CompactWindow({ chat }: { chat: ChatSummary }) {
	const { minimise } = useChatActions();
	const name = useVisitorName(chat.visitor);
	const root = useRef<HTMLElement>(null);
	useEscape(root, () => minimise(chat.conversation));
	return (
		<section class="box" ref={root} aria-label={name} data-conversation={chat.conversation}>
			<WindowHead chat={chat} />
			<Conversation chat={chat} visitorName={name} />
		</section>
	);
}

/** After a reload: follows a chat that the `welcome` did not include, and closes its window if it no longer exists. */
function Followed({ conversation }: { conversation: string }) {
	const { windows, conversations, connection } = useStores();
	const known = conversations.thread(conversation)?.state != null;
	const connected = connection.phase.value === "live" && conversations.state.value.connected;
	useEffect(() => {
		if (known || !connected) return;
		conversations.follow(conversation).catch((problem: { code?: string }) => {
			if (problem.code === "not_found") windows.change((state) => close(state, conversation));
		});
	}, [known, connected, conversation, conversations, windows]);
	return null;
}
