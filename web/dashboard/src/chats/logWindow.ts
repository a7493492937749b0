/**
 * The part of a long log that is rendered: a run of its items that begins at an entry. Pure.
 *
 * A begin is the `seq` of an entry, so that it holds when items are added above; `null` is the end of the log.
 */
import type { Item } from "./transcript";

/** Items rendered at most: more than the tallest screen shows, with room to scroll while the next ones are rendered. */
export const WINDOW = 150;
/** Items by which the window moves. */
export const STEP = 50;

export interface LogWindow {
	/** Indexes of the first item, and of the one behind the last. */
	readonly first: number;
	readonly end: number;
}

export function logWindow(items: readonly Item[], begin: number | null): LogWindow {
	const last = Math.max(0, items.length - WINDOW);
	const first = begin === null ? last : Math.min(indexOf(items, begin), last);
	return { first, end: Math.min(items.length, first + WINDOW) };
}

/** The begin of a window that starts so many items further; negative ones are earlier. */
export function moved(items: readonly Item[], { first }: LogWindow, by: number): number | null {
	return beginAt(items, first + by);
}

/** The begin of a window with this entry in its middle. */
export function around(items: readonly Item[], seq: number): number | null {
	return beginAt(items, indexOf(items, seq) - WINDOW / 2);
}

/** The entry with this `seq`, or the next one that has an item, or the last one; `null` for an empty log. */
export function nearest(items: readonly Item[], seq: number): number | null {
	const at = items.findIndex((item) => seqOf(item) >= seq);
	const last = items.findLast((item) => "seq" in item);
	return at === -1 ? (last ? seqOf(last) : null) : seqOf(items[at] as Item);
}

function beginAt(items: readonly Item[], index: number): number | null {
	const item = items.slice(Math.max(0, index)).find((one) => "seq" in one);
	return item ? seqOf(item) : null;
}

/** Index of the first item of an entry from this `seq` on, with the dividers above it. */
function indexOf(items: readonly Item[], seq: number): number {
	let at = items.findIndex((item) => seqOf(item) >= seq);
	if (at === -1) return items.length;
	while (at > 0 && !("seq" in (items[at - 1] as Item))) at -= 1;
	return at;
}

/** Dividers have none. */
function seqOf(item: Item): number {
	return "seq" in item ? item.seq : Number.NEGATIVE_INFINITY;
}
