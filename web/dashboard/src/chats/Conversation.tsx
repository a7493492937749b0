import type { Thread } from "@palique/client";
import { readerKey } from "@palique/client";
import { hasVisibleText } from "@palique/ui/visible";
import type { ComponentChildren } from "preact";
import { useCallback, useRef } from "preact/hooks";
import { Button } from "../parts/Button";
import { CopyField } from "../parts/CopyField";
import { Skeleton } from "../parts/EmptyState";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { Composer } from "./Composer";
import type { ChatSummary } from "./chatSummary";
import { MessageLog } from "./MessageLog";
import { TicketNotice } from "./TicketNotice";
import { useChatActions } from "./useChatActions";
import { useRequestedFocus } from "./useRequestedFocus";

interface Props {
	chat: ChatSummary;
	visitorName: string;
}

/** Log and text area of one chat, for the compact and the maximised window. */
export function Conversation({ chat, visitorName }: Props) {
	const { conversations } = useStores();
	const thread = conversations.thread(chat.conversation);
	if (!thread) return <Skeleton lines={4} />;
	return (
		<>
			<TicketNotice conversation={chat.conversation} />
			<RunningLog chat={chat} visitorName={visitorName} thread={thread} />
			<ChatFoot chat={chat} />
		</>
	);
}

function RunningLog({ chat, visitorName, thread }: Props & { thread: Thread }) {
	const { windows, conversations } = useStores();
	const t = useText();
	const id = chat.conversation;
	const state = conversations.state.value;
	const read = state.me ? (thread.reads.get(readerKey(state.me)) ?? 0) : 0;
	const readTo = thread.reads.get(`visitor:${chat.visitor.id}`) ?? 0;
	const outgoing = state.outbox.items.filter((item) => item.conversation === id);
	const { from, earlier } = thread.log;
	const seen = useCallback((seq: number) => conversations.read(id, seq), [conversations, id]);
	if (thread.log.entries.length === 0 && thread.log.last < thread.log.head) return <Skeleton lines={4} />;
	return (
		<MessageLog
			label={t("log_of", { name: visitorName })}
			entries={thread.log.entries}
			outgoing={outgoing}
			read={read}
			readTo={readTo}
			position={windows.scrollPosition(id)}
			remoteChanges={windows.remoteChanges.value}
			earlier={from > 0 ? { loading: earlier !== null, load: () => conversations.earlier(id) } : null}
			live
			onPosition={(position) => windows.setScrollPosition(id, position)}
			onSeen={seen}
		>
			{chat.typing ? (
				<p class="typing">
					<span class="typing-dots" aria-hidden="true">
						<i />
						<i />
						<i />
					</span>
					{t("typing", { name: visitorName })}
				</p>
			) : null}
		</MessageLog>
	);
}

/** Below the log: accept, write, or start a new chat, depending on the status. */
function ChatFoot({ chat }: { chat: ChatSummary }) {
	const t = useText();
	const { accept, startWith } = useChatActions();
	if (chat.status === "waiting")
		return (
			<Foot conversation={chat.conversation}>
				<Button kind="primary" icon="check" wide onClick={() => void accept(chat.conversation)}>
					{t("accept_chat")}
				</Button>
			</Foot>
		);
	if (chat.status === "closed")
		return (
			<>
				<KeptDraft conversation={chat.conversation} />
				<Foot conversation={chat.conversation}>
					<p class="muted small">{t("chat_ended")}</p>
					<Button small icon="chat" onClick={() => void startWith(chat.visitor.id)}>
						{t("chat_again")}
					</Button>
				</Foot>
			</>
		);
	return (
		<>
			{chat.mine ? null : (
				<p class="foot-hint muted small">{t("handled_by", { name: chat.assignee?.name ?? t("someone") })}</p>
			)}
			<Composer conversation={chat.conversation} notesOnly={!chat.mine} />
		</>
	);
}

/** The place of the text area in a chat that has none. */
function Foot({ conversation, children }: { conversation: string; children: ComponentChildren }) {
	const root = useRef<HTMLDivElement>(null);
	useRequestedFocus(conversation, root);
	return (
		<div class="foot" ref={root}>
			{children}
		</div>
	);
}

/** What the agent had written when the chat ended. A new chat with the visitor takes it over. */
function KeptDraft({ conversation }: { conversation: string }) {
	const { windows } = useStores();
	const t = useText();
	const { text } = windows.draft(conversation);
	if (!hasVisibleText(text)) return null;
	return (
		<div class="kept-draft">
			<p class="small muted">{t("draft_kept")}</p>
			<CopyField label={t("draft_kept")} text={text} />
		</div>
	);
}
