/**
 * One conversation's log as this client holds it: a dense range `from` + 1 … `last`, and what came early. Pure.
 *
 * Entries may arrive doubled, out of order, by push, by page or as an acknowledgement; whatever the interleaving, the copy is a
 * range of the server's log without holes, and reaches its head once every wanted fetch was answered. It grows backwards only by
 * whole pages that end where it begins. What does not match the epoch is ignored: only `reset` (or the answer to a fetch)
 * changes the epoch.
 */
import type { ClientFrame, Cursor, Entries, Entry } from "./frames";

/** Entries kept beyond a hole; more are dropped, since the fetch that fills the hole brings them too. */
const AHEAD_LIMIT = 200;
/** The most that one fetch may ask for. */
export const FETCH_LIMIT = 100;
/** An answer that has not come by then is asked for again (ms): the server's own calls end well before. */
const FETCH_PATIENCE = 10_000;
/** What was refused for a while is asked for again after it (ms): who could not answer is mostly back by then. */
const REFUSED_PAUSE = 2_000;

export interface Log {
	readonly conversation: string;
	readonly epoch: number;
	/** Held without a hole after here; 0 is the whole log. What is older comes when somebody reads back that far. */
	readonly from: number;
	/** Applied without a hole up to here. */
	readonly last: number;
	/** The highest place known to exist. */
	readonly head: number;
	/** In order. Hidden entries count in `last` and are left out. */
	readonly entries: readonly Entry[];
	readonly ahead: ReadonlyMap<number, Entry>;
	/** What is under way and since when (ms); the replay that follows a `hello`, and what waits to be asked for again, has the ref `null`. */
	readonly fetching: { readonly ref: string | null; readonly since: number } | null;
	/** The page before `from`, while it is under way. */
	readonly earlier: { readonly ref: string; readonly since: number } | null;
}

/** `from`: where the copy begins; what is not newer is left on the server. */
export function emptyLog(conversation: string, epoch: number, head = 0, from = 0): Log {
	const nothing = { entries: [], ahead: new Map(), fetching: null, earlier: null };
	return { conversation, epoch, from, last: from, head: Math.max(head, from), ...nothing };
}

/** Applies what fits, keeps what is early, ignores what is known. */
export function applyEntries(log: Log, items: readonly Entry[]): Log {
	const ahead = new Map(log.ahead);
	const added: Entry[] = [];
	let { last, head } = log;
	for (const entry of items) {
		if (entry.epoch !== log.epoch || entry.seq <= last) continue;
		head = Math.max(head, entry.seq);
		if (entry.seq === last + 1 || ahead.size < AHEAD_LIMIT) ahead.set(entry.seq, entry);
		for (let next = ahead.get(last + 1); next; next = ahead.get(last + 1)) {
			ahead.delete(++last);
			if (next.kind !== "hidden") added.push(next);
		}
	}
	if (head === log.head && last === log.last && ahead.size === log.ahead.size) return log;
	const entries = added.length ? [...log.entries, ...added] : log.entries;
	return { ...log, entries, last, head, ahead, fetching: last >= head ? null : log.fetching };
}

/** What to show: the prefix, then what came early (an acknowledgement may overtake the entry before it). */
export function visibleEntries(log: Log): readonly Entry[] {
	if (!log.ahead.size) return log.entries;
	const early = [...log.ahead.values()].filter((entry) => entry.kind !== "hidden");
	return [...log.entries, ...early.sort((a, b) => a.seq - b.seq)];
}

/** Whether the page before the copy should be asked for now. */
export function wantsEarlier(log: Log, now: number): boolean {
	return log.from > 0 && now >= (log.earlier ? log.earlier.since + FETCH_PATIENCE : 0);
}

export function startEarlier(log: Log, ref: string, now: number): { log: Log; frame: ClientFrame } {
	const { conversation, epoch, from } = log;
	const after = Math.max(0, from - FETCH_LIMIT);
	const frame = { type: "fetch", ref, conversation, epoch, after, limit: from - after } as const;
	return { log: { ...log, earlier: { ref, since: now } }, frame };
}

/** A page that does not lead without a hole to where the copy begins is not taken. */
function applyEarlier(log: Log, page: Entries): Log {
	const first = log.from - page.items.length;
	const fits = page.items.length > 0 && page.items.every((entry, index) => entry.seq === first + index + 1);
	if (!fits) return { ...log, earlier: null };
	const older = page.items.filter((entry) => entry.kind !== "hidden");
	return { ...log, from: first, entries: [...older, ...log.entries], earlier: null };
}

/** The answer to a fetch. One that brought nothing ends the asking until a new head is heard of: no loop with a lagging server. */
export function applyPage(log: Log, page: Entries): Log {
	if (log.earlier?.ref === page.ref && page.epoch === log.epoch) return applyEarlier(log, page);
	const asked = log.fetching?.ref === page.ref;
	if (page.epoch !== log.epoch) return asked ? resetLog(log, page.epoch, page.head) : log;
	const applied = hearOfHead(applyEntries(log, page.items), page.head);
	if (!asked) return applied;
	return applied.last > log.last ? { ...applied, fetching: null } : giveUpFetch(applied);
}

/** Somebody says that the log goes on to `head`. */
export function hearOfHead(log: Log, head: number): Log {
	return head > log.head ? { ...log, head } : log;
}

/** Frames for this log were dropped: what was under way may have been among them. */
export function markStale(log: Log, head: number): Log {
	return { ...hearOfHead(log, head), fetching: null };
}

/** After a `hello` with this log's cursor the server sends what is missing by itself; the fetch is the net below. */
export function awaitReplay(log: Log, head: number, now: number): Log {
	if (head <= log.last) return { ...log, fetching: null };
	return { ...hearOfHead(log, head), fetching: { ref: null, since: now } };
}

export function resetLog(log: Log, epoch: number, head: number): Log {
	return emptyLog(log.conversation, epoch, head);
}

/** The fetch was refused by somebody who could not answer now: it is still wanted, in a moment. */
export function postponeFetch(log: Log, now: number): Log {
	return { ...log, fetching: { ref: null, since: now - FETCH_PATIENCE + REFUSED_PAUSE } };
}

/** The fetch was refused for good: wait for the next word of a head instead of asking again. */
export function giveUpFetch(log: Log): Log {
	return { ...log, head: log.last, ahead: new Map(), fetching: null };
}

/** The page before the copy was refused; who reads back further asks again. */
export function giveUpEarlier(log: Log): Log {
	return { ...log, earlier: null };
}

export function dropFetch(log: Log): Log {
	return log.fetching || log.earlier ? { ...log, fetching: null, earlier: null } : log;
}

/** Whether a fetch should go out now. */
export function wantsFetch(log: Log, now: number): boolean {
	return log.last < log.head && now >= fetchDue(log);
}

/** When the fetch under way counts as lost (ms). */
export function fetchDue(log: Log): number {
	return log.fetching ? log.fetching.since + FETCH_PATIENCE : 0;
}

export function startFetch(log: Log, ref: string, now: number): { log: Log; frame: ClientFrame } {
	const { conversation, epoch, last } = log;
	const frame = { type: "fetch", ref, conversation, epoch, after: last, limit: FETCH_LIMIT } as const;
	return { log: { ...log, fetching: { ref, since: now } }, frame };
}

export function cursorOf(log: Log): Cursor {
	return { conversation: log.conversation, epoch: log.epoch, seq: log.last };
}
