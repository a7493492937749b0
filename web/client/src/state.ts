/** What one client knows of its conversations. Changed by `threads.ts` and `chat.ts` only. Pure. */
import type { Author, ConversationState, Welcome } from "./frames";
import { FETCH_LIMIT, type Log } from "./log";
import * as box from "./outbox";

export interface Thread {
	readonly log: Log;
	/** As the server last told it; the log's own fold is newer once entries came after it. */
	readonly state: ConversationState | null;
	/** Highest `seq` read, by `kind:id` of the reader. Never falls. */
	readonly reads: ReadonlyMap<string, number>;
	/** Who types, by id, and until when that counts (ms). */
	readonly typing: ReadonlyMap<string, { readonly who: Author; readonly until: number }>;
}

export interface Chat {
	readonly me: Welcome["me"] | null;
	readonly connected: boolean;
	readonly threads: ReadonlyMap<string, Thread>;
	readonly outbox: box.Outbox;
	readonly refs: number;
	/** How much of the end of a log that is new here is fetched at once; the rest when somebody reads back (`earlier`). */
	readonly tail: number;
}

export function emptyChat(kind: "visitor" | "agent"): Chat {
	const outbox = box.emptyOutbox(kind === "visitor");
	// A visitor's own talk is short, and theirs from its beginning; an agent opens many that may be long.
	const tail = kind === "visitor" ? Number.POSITIVE_INFINITY : FETCH_LIMIT;
	return { me: null, connected: false, threads: new Map(), outbox, refs: 0, tail };
}

export function newThread(log: Log): Thread {
	return { log, state: null, reads: new Map(), typing: new Map() };
}
