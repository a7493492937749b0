/** The conversations of one client, one by one: their logs, who has read how far, who is typing. Pure. */
import type { Author, ReadMark } from "./frames";
import { dropFetch, hearOfHead, type Log } from "./log";
import type { Chat, Thread } from "./state";

/** How long somebody counts as typing after their last `typing` frame (ms): twice the pace at which clients repeat it. */
export const TYPING_LASTS = 6_000;

export function readerKey(reader: ReadMark["reader"]): string {
	return `${reader.kind}:${reader.id}`;
}

export function withThread(chat: Chat, conversation: string, thread: Thread): Chat {
	return { ...chat, threads: new Map(chat.threads).set(conversation, thread) };
}

export function without(chat: Chat, conversation: string): Chat {
	const threads = new Map(chat.threads);
	threads.delete(conversation);
	return { ...chat, threads };
}

export function onLog(chat: Chat, conversation: string, change: (log: Log) => Log): Chat {
	const thread = chat.threads.get(conversation);
	return thread ? withThread(chat, conversation, { ...thread, log: change(thread.log) }) : chat;
}

export function heard(chat: Chat, conversation: string, head: number): Chat {
	return onLog(chat, conversation, (log) => hearOfHead(log, head));
}

export function marked(chat: Chat, conversation: string, marks: readonly ReadMark[]): Chat {
	const thread = chat.threads.get(conversation);
	if (!thread || !marks.length) return chat;
	const reads = new Map(thread.reads);
	for (const { reader, seq } of marks) {
		const key = readerKey(reader);
		reads.set(key, Math.max(seq, reads.get(key) ?? 0));
	}
	return withThread(chat, conversation, { ...thread, reads });
}

export function typed(chat: Chat, conversation: string, who: Author, now: number): Chat {
	const thread = chat.threads.get(conversation);
	if (!thread) return chat;
	const typing = new Map(thread.typing).set(who.id, { who, until: now + TYPING_LASTS });
	return withThread(chat, conversation, { ...thread, typing });
}

export function expireTyping(chat: Chat, now: number): Chat {
	let result = chat;
	for (const [conversation, thread] of chat.threads) {
		const typing = new Map([...thread.typing].filter(([, { until }]) => until > now));
		if (typing.size !== thread.typing.size) result = withThread(result, conversation, { ...thread, typing });
	}
	return result;
}

/** A link that is down brings no answers; nobody is known to type. */
export function offline(chat: Chat): ReadonlyMap<string, Thread> {
	const quiet = [...chat.threads].map(
		([id, thread]) => [id, { ...thread, log: dropFetch(thread.log), typing: new Map() }] as const,
	);
	return new Map(quiet);
}
