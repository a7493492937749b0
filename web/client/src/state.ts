/** State of one client: its conversations and its outbox. Only `threads.ts` and `chat.ts` change it. Pure. */
import type { Author, ConversationState, Welcome } from "./frames";
import { FETCH_LIMIT, type Log } from "./log";
import * as box from "./outbox";

export interface Thread {
	readonly log: Log;
	/** The server's last state. After newer entries, the fold of the log is newer. */
	readonly state: ConversationState | null;
	/** Highest `seq` read, by `kind:id` of the reader. Never decreases. */
	readonly reads: ReadonlyMap<string, number>;
	/** Typing people by id; `until` is when that expires (ms). */
	readonly typing: ReadonlyMap<string, { readonly who: Author; readonly until: number }>;
}

export interface Chat {
	readonly me: Welcome["me"] | null;
	readonly connected: boolean;
	readonly threads: ReadonlyMap<string, Thread>;
	readonly outbox: box.Outbox;
	readonly refs: number;
	/** Entries at the end of a new log that are fetched at once; older ones follow on `earlier`. */
	readonly tail: number;
}

export function emptyChat(kind: "visitor" | "agent"): Chat {
	const outbox = box.emptyOutbox(kind === "visitor");
	// A visitor's conversations are few and short. An agent opens many, which may be long.
	const tail = kind === "visitor" ? Number.POSITIVE_INFINITY : FETCH_LIMIT;
	return { me: null, connected: false, threads: new Map(), outbox, refs: 0, tail };
}

export function newThread(log: Log): Thread {
	return { log, state: null, reads: new Map(), typing: new Map() };
}
