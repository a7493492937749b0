/**
 * This client's copy of one conversation's log: the entries `from` + 1 … `last`, and entries that arrived early. Pure.
 *
 * Entries may arrive twice, out of order, by push, in a page or as an acknowledgement. In every order the copy is a range of the
 * server's log without gaps, and reaches the head once every fetch was answered. It grows backwards only by whole pages that end
 * where the copy begins. Entries of another epoch are ignored; only `reset` or the answer to a fetch changes the epoch.
 */
import type { ClientFrame, Cursor, Entries, Entry } from "./frames";

/** Entries kept beyond a gap. Others are dropped: the fetch that fills the gap returns them too. */
const MAX_AHEAD = 200;
/** Entries in one fetch. */
export const FETCH_LIMIT = 100;
/** A fetch without an answer is repeated after this time (ms). The server's own calls time out well before. */
const FETCH_TIMEOUT = 10_000;
/** Wait before a fetch that failed with a transient error is repeated (ms). */
const RETRY_PAUSE = 2_000;

export interface Log {
	readonly conversation: string;
	readonly epoch: number;
	/** The copy begins after this `seq`; 0 is the whole log. Older entries are fetched when the reader scrolls back. */
	readonly from: number;
	/** The copy has no gap up to this `seq`. */
	readonly last: number;
	/** Highest `seq` known to exist. */
	readonly head: number;
	/** In order. Hidden entries count in `last` but are left out here. */
	readonly entries: readonly Entry[];
	readonly ahead: ReadonlyMap<number, Entry>;
	/** The pending fetch and its start (ms). `ref` is `null` for the replay after a `hello` and for a postponed fetch. */
	readonly fetching: { readonly ref: string | null; readonly since: number } | null;
	/** The pending fetch of the page before `from`. */
	readonly earlier: { readonly ref: string; readonly since: number } | null;
}

/** `from`: the copy begins after this `seq`. */
export function emptyLog(conversation: string, epoch: number, head = 0, from = 0): Log {
	const empty = { entries: [], ahead: new Map(), fetching: null, earlier: null };
	return { conversation, epoch, from, last: from, head: Math.max(head, from), ...empty };
}

/** Applies the entries that follow, keeps those that are early, ignores those already applied. */
export function applyEntries(log: Log, items: readonly Entry[]): Log {
	const ahead = new Map(log.ahead);
	const added: Entry[] = [];
	let { last, head } = log;
	for (const entry of items) {
		if (entry.epoch !== log.epoch || entry.seq <= last) continue;
		head = Math.max(head, entry.seq);
		if (entry.seq === last + 1 || ahead.size < MAX_AHEAD) ahead.set(entry.seq, entry);
		for (let next = ahead.get(last + 1); next; next = ahead.get(last + 1)) {
			ahead.delete(++last);
			if (next.kind !== "hidden") added.push(next);
		}
	}
	if (head === log.head && last === log.last && ahead.size === log.ahead.size) return log;
	const entries = added.length ? [...log.entries, ...added] : log.entries;
	return { ...log, entries, last, head, ahead, fetching: last >= head ? null : log.fetching };
}

/** The entries to show: the copy, then the early ones (an acknowledgement may overtake the entry before it). */
export function visibleEntries(log: Log): readonly Entry[] {
	if (!log.ahead.size) return log.entries;
	const early = [...log.ahead.values()].filter((entry) => entry.kind !== "hidden");
	return [...log.entries, ...early.sort((a, b) => a.seq - b.seq)];
}

/** True when the page before the copy exists and no fetch of it is pending. */
export function canFetchEarlier(log: Log, now: number): boolean {
	return log.from > 0 && now >= (log.earlier ? log.earlier.since + FETCH_TIMEOUT : 0);
}

export function startEarlier(log: Log, ref: string, now: number): { log: Log; frame: ClientFrame } {
	const { conversation, epoch, from } = log;
	const after = Math.max(0, from - FETCH_LIMIT);
	const frame = { type: "fetch", ref, conversation, epoch, after, limit: from - after } as const;
	return { log: { ...log, earlier: { ref, since: now } }, frame };
}

/** Ignores a page that does not end where the copy begins, or has a gap. */
function applyEarlier(log: Log, page: Entries): Log {
	const first = log.from - page.items.length;
	const fits = page.items.length > 0 && page.items.every((entry, index) => entry.seq === first + index + 1);
	if (!fits) return { ...log, earlier: null };
	const older = page.items.filter((entry) => entry.kind !== "hidden");
	return { ...log, from: first, entries: [...older, ...log.entries], earlier: null };
}

/** Applies the answer to a fetch. One without progress stops fetching until the head grows: no loop with a lagging server. */
export function applyPage(log: Log, page: Entries): Log {
	if (log.earlier?.ref === page.ref && page.epoch === log.epoch) return applyEarlier(log, page);
	const asked = log.fetching?.ref === page.ref;
	if (page.epoch !== log.epoch) return asked ? resetLog(log, page.epoch, page.head) : log;
	const applyEntry = raiseHead(applyEntries(log, page.items), page.head);
	if (!asked) return applyEntry;
	return applyEntry.last > log.last ? { ...applyEntry, fetching: null } : abandonFetch(applyEntry);
}

/** Notes that the server's log goes on to `head`. */
export function raiseHead(log: Log, head: number): Log {
	return head > log.head ? { ...log, head } : log;
}

/** The server dropped frames of this log, perhaps the answer to the pending fetch: fetch again. */
export function markStale(log: Log, head: number): Log {
	return { ...raiseHead(log, head), fetching: null };
}

/** After a `hello` with this log's cursor the server sends missing entries without a fetch. A fetch follows if they do not come. */
export function awaitReplay(log: Log, head: number, now: number): Log {
	if (head <= log.last) return { ...log, fetching: null };
	return { ...raiseHead(log, head), fetching: { ref: null, since: now } };
}

export function resetLog(log: Log, epoch: number, head: number): Log {
	return emptyLog(log.conversation, epoch, head);
}

/** The fetch failed with a transient error: repeats it after RETRY_PAUSE. */
export function postponeFetch(log: Log, now: number): Log {
	return { ...log, fetching: { ref: null, since: now - FETCH_TIMEOUT + RETRY_PAUSE } };
}

/** The fetch was refused finally: no new fetch before the head grows. */
export function abandonFetch(log: Log): Log {
	return { ...log, head: log.last, ahead: new Map(), fetching: null };
}

/** The page before the copy was refused. Scrolling back fetches it again. */
export function abandonEarlier(log: Log): Log {
	return { ...log, earlier: null };
}

export function cancelFetches(log: Log): Log {
	return log.fetching || log.earlier ? { ...log, fetching: null, earlier: null } : log;
}

/** True when a fetch is due now. */
export function needsFetch(log: Log, now: number): boolean {
	return log.last < log.head && now >= fetchDue(log);
}

/** When the pending fetch counts as lost (ms). */
export function fetchDue(log: Log): number {
	return log.fetching ? log.fetching.since + FETCH_TIMEOUT : 0;
}

export function startFetch(log: Log, ref: string, now: number): { log: Log; frame: ClientFrame } {
	const { conversation, epoch, last } = log;
	const frame = { type: "fetch", ref, conversation, epoch, after: last, limit: FETCH_LIMIT } as const;
	return { log: { ...log, fetching: { ref, since: now } }, frame };
}

export function cursorOf(log: Log): Cursor {
	return { conversation: log.conversation, epoch: log.epoch, seq: log.last };
}
