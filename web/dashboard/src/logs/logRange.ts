/** The loaded part of a log: a run of entries without a gap. Pure. Seqs are dense, so the ends show what is missing. */
import type { ChatLog, LogEntries } from "../api/shapes";

/** True when the log has entries before the loaded ones. */
export function hasEarlier({ entries }: ChatLog): boolean {
	return firstSeq(entries) > 1;
}

/** True when the log has entries after the loaded ones. */
export function hasLater({ entries, head }: ChatLog): boolean {
	return lastSeq(entries) < head;
}

/** Adds a page at the end that it touches. Another page, or one of another epoch, changes nothing. */
export function addEntries(log: ChatLog, { epoch, head, entries }: LogEntries): ChatLog {
	if (epoch !== log.epoch || entries.length === 0) return log;
	if (lastSeq(entries) === firstSeq(log.entries) - 1)
		return { ...log, entries: [...entries, ...log.entries] };
	if (firstSeq(entries) === lastSeq(log.entries) + 1)
		return { ...log, head: Math.max(head, log.head), entries: [...log.entries, ...entries] };
	return log;
}

export function firstSeq(entries: ChatLog["entries"]): number {
	return entries[0]?.seq ?? 0;
}

export function lastSeq(entries: ChatLog["entries"]): number {
	return entries.at(-1)?.seq ?? 0;
}
