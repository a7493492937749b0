/** Updates of single conversations in the state: log, read marks, typing. Pure. */
import type { Author, Head, ReadMark } from "./frames";
import { cancelFetches, type Log, raiseHead, resetLog } from "./log";
import type { Chat, Thread } from "./state";

/** A person counts as typing this long after their last `typing` frame (ms): twice the interval at which clients repeat it. */
export const TYPING_LASTS = 6_000;

export function readerKey(reader: ReadMark["reader"]): string {
	return `${reader.kind}:${reader.id}`;
}

export function setThread(chat: Chat, conversation: string, thread: Thread): Chat {
	return { ...chat, threads: new Map(chat.threads).set(conversation, thread) };
}

export function removeThread(chat: Chat, conversation: string): Chat {
	const threads = new Map(chat.threads);
	threads.delete(conversation);
	return { ...chat, threads };
}

export function updateLog(chat: Chat, conversation: string, change: (log: Log) => Log): Chat {
	const thread = chat.threads.get(conversation);
	return thread ? setThread(chat, conversation, { ...thread, log: change(thread.log) }) : chat;
}

/** Notes that the server's log goes on to `head`. A higher epoch voids the copy: its `reset` may have come before the copy began. */
export function noteHead(chat: Chat, { conversation, epoch, head }: Head): Chat {
	return updateLog(chat, conversation, (log) => {
		if (epoch > log.epoch) return resetLog(log, epoch, head);
		return epoch < log.epoch ? log : raiseHead(log, head);
	});
}

export function addReadMarks(chat: Chat, conversation: string, marks: readonly ReadMark[]): Chat {
	const thread = chat.threads.get(conversation);
	if (!thread || !marks.length) return chat;
	const reads = new Map(thread.reads);
	for (const { reader, seq } of marks) {
		const key = readerKey(reader);
		reads.set(key, Math.max(seq, reads.get(key) ?? 0));
	}
	return setThread(chat, conversation, { ...thread, reads });
}

export function addTyping(chat: Chat, conversation: string, who: Author, now: number): Chat {
	const thread = chat.threads.get(conversation);
	if (!thread) return chat;
	const typing = new Map(thread.typing).set(who.id, { who, until: now + TYPING_LASTS });
	return setThread(chat, conversation, { ...thread, typing });
}

/** The people that type; empty after the end of the conversation, because a `typing` frame may come late. */
export function typingIn({ typing, log, state }: Thread): Author[] {
	const closed = state?.status === "closed" || log.entries.some(({ kind }) => kind === "closed");
	return closed ? [] : [...typing.values()].map(({ who }) => who);
}

export function expireTyping(chat: Chat, now: number): Chat {
	let result = chat;
	for (const [conversation, thread] of chat.threads) {
		const typing = new Map([...thread.typing].filter(([, { until }]) => until > now));
		if (typing.size !== thread.typing.size) result = setThread(result, conversation, { ...thread, typing });
	}
	return result;
}

/** After a disconnect no fetch is answered and no typing is known. */
export function disconnectThreads(chat: Chat): ReadonlyMap<string, Thread> {
	const quiet = [...chat.threads].map(
		([id, thread]) => [id, { ...thread, log: cancelFetches(thread.log), typing: new Map() }] as const,
	);
	return new Map(quiet);
}
