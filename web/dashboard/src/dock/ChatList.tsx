import "./ChatList.css";
import { Avatar } from "@palique/ui/Avatar";
import { timeOfDay } from "@palique/ui/time";
import { useRef } from "preact/hooks";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { Button, IconButton } from "../parts/Button";
import { EmptyState, Skeleton } from "../parts/EmptyState";
import { useEscape } from "../parts/useDismiss";
import { useStores } from "../StoresContext";
import { elapsed } from "../texts/elapsed";
import { useText } from "../texts/useText";
import { useVisitorName } from "../visitors/profile/useVisitorName";
import { toggleList } from "../windows/windowLayout";
import { Colleagues } from "./Colleagues";
import { UnreadBadge } from "./UnreadBadge";

/** The main chat window: lists all chats (S-32). */
export function ChatList() {
	const { windows, conversations } = useStores();
	const t = useText();
	const root = useRef<HTMLElement>(null);
	const { list, listHeld } = windows.screenLayout.value;
	const close = () => windows.change(toggleList);
	useEscape(root, listHeld ? null : close);
	const waiting = conversations.waiting.value;
	const mine = conversations.mine.value;
	// Known after the first `welcome`.
	const known = conversations.state.value.me !== null;
	return (
		<section
			class={list === "full" ? "chats-window chats-full" : "chats-window"}
			aria-label={t("chats_title")}
			ref={root}
		>
			<header class="chats-head">
				<h2>{t("chats_title")}</h2>
				{listHeld ? null : <IconButton icon="minimise" size={16} label={t("minimise")} onClick={close} />}
			</header>
			<div class="chats-body">
				{waiting.length > 0 ? (
					<>
						<h3>{t.count("waiting_chats", conversations.waitingCount.value)}</h3>
						<ul>
							{waiting.map((chat) => (
								<WaitingRow key={chat.conversation} chat={chat} />
							))}
						</ul>
					</>
				) : null}
				<h3>{t("chats_mine")}</h3>
				{mine.length > 0 ? (
					<ul>
						{mine.map((chat) => (
							<MineRow key={chat.conversation} chat={chat} />
						))}
					</ul>
				) : known ? (
					<EmptyState icon="chat" title={t("chats_none")} />
				) : (
					<Skeleton lines={2} />
				)}
				{known ? <Colleagues /> : null}
			</div>
		</section>
	);
}

function WaitingRow({ chat }: { chat: ChatSummary }) {
	const { clock } = useStores();
	const t = useText();
	const { accept, show } = useChatActions();
	const name = useVisitorName(chat.visitor);
	return (
		<li class="chats-row chats-waiting">
			<button type="button" class="chats-pick" onClick={() => show(chat.conversation)}>
				<Avatar name={name} seed={chat.visitor.id} size={30} />
				<span class="chats-names">
					<span class="cut chats-name" dir="auto">
						{name}
					</span>
					<span class="cut muted small" dir="auto">
						{chat.lastText ?? t("waiting_since", { time: elapsed(t, chat.startedAt, clock.now.value) })}
					</span>
				</span>
			</button>
			<Button kind="primary" small onClick={() => void accept(chat.conversation)}>
				{t("accept")}
			</Button>
		</li>
	);
}

function MineRow({ chat }: { chat: ChatSummary }) {
	const t = useText();
	const { show } = useChatActions();
	const name = useVisitorName(chat.visitor);
	return (
		<li class="chats-row">
			<button type="button" class="chats-pick" onClick={() => show(chat.conversation)}>
				<Avatar name={name} seed={chat.visitor.id} size={30} />
				<span class="chats-names">
					<span class={chat.unread > 0 ? "cut chats-name" : "cut"} dir="auto">
						{name}
					</span>
					<span class="cut muted small" dir="auto">
						{chat.typing ? t("typing_short") : (chat.lastText ?? t("no_message"))}
					</span>
				</span>
				<span class="chats-end">
					<time class="muted" dateTime={chat.lastAt}>
						{timeOfDay(chat.lastAt, t.language)}
					</time>
					<UnreadBadge count={chat.unread} />
				</span>
			</button>
		</li>
	);
}
