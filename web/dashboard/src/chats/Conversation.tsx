import type { Thread } from "@palique/client";
import { readerKey } from "@palique/client";
import { useCallback, useState } from "preact/hooks";
import { Button } from "../parts/Button";
import { Skeleton } from "../parts/EmptyState";
import { useStores, useText } from "../StoresContext";
import { useVisitorName } from "../visitors/profile/useVisitorName";
import { Composer } from "./Composer";
import type { ChatSummary } from "./chatSummary";
import { MessageLog } from "./MessageLog";
import { useChatActions } from "./useChatActions";

/** Log and text area of one chat: the same in a compact box and in the maximised window. */
export function Conversation({ talk }: { talk: ChatSummary }) {
	const { conversations } = useStores();
	const thread = conversations.thread(talk.conversation);
	if (!thread) return <Skeleton lines={4} />;
	return (
		<>
			<RunningLog talk={talk} thread={thread} />
			<Foot talk={talk} />
		</>
	);
}

function RunningLog({ talk, thread }: { talk: ChatSummary; thread: Thread }) {
	const { boxes, conversations } = useStores();
	const t = useText();
	const id = talk.conversation;
	const chat = conversations.chat.value;
	const name = useVisitorName(talk.visitor);
	// The line stays where it was when the window opened.
	const [unreadFrom] = useState(() => (chat.me ? (thread.reads.get(readerKey(chat.me)) ?? 0) : 0));
	const readTo = thread.reads.get(`visitor:${talk.visitor.id}`) ?? 0;
	const outgoing = chat.outbox.items.filter((item) => item.conversation === id);
	const { from, earlier } = thread.log;
	const seen = useCallback((seq: number) => conversations.read(id, seq), [conversations, id]);
	if (thread.log.entries.length === 0 && thread.log.last < thread.log.head) return <Skeleton lines={4} />;
	return (
		<MessageLog
			label={t("log_of", { name: name })}
			entries={thread.log.entries}
			outgoing={outgoing}
			unreadFrom={unreadFrom}
			readTo={readTo}
			place={boxes.place(id)}
			placeTurn={boxes.told.value}
			earlier={from > 0 ? { loading: earlier !== null, load: () => conversations.earlier(id) } : null}
			onPlace={(place) => boxes.setPlace(id, place)}
			onSeen={seen}
		>
			{talk.typing ? (
				<p class="typing">
					<span class="typing-dots" aria-hidden="true">
						<i />
						<i />
						<i />
					</span>
					{t("typing", { name: name })}
				</p>
			) : null}
		</MessageLog>
	);
}

/** What can be said here: accept first, write, note, or begin anew. */
function Foot({ talk }: { talk: ChatSummary }) {
	const t = useText();
	const { accept, startWith } = useChatActions();
	if (talk.status === "waiting")
		return (
			<div class="foot">
				<Button kind="primary" icon="check" wide onClick={() => void accept(talk.conversation)}>
					{t("accept_chat")}
				</Button>
			</div>
		);
	if (talk.status === "closed")
		return (
			<div class="foot">
				<p class="muted small">{t("chat_ended")}</p>
				<Button small icon="chat" onClick={() => void startWith(talk.visitor.id)}>
					{t("chat_anew")}
				</Button>
			</div>
		);
	return (
		<>
			{talk.mine ? null : (
				<p class="foot-hint muted small">{t("handled_by", { name: talk.assignee?.name ?? t("somebody") })}</p>
			)}
			<Composer conversation={talk.conversation} notesOnly={!talk.mine} />
		</>
	);
}
