/** What of the visitor list is asked for and drawn, from where the reader stands. Pure. */

/** The window moves in steps of this many rows, so that a small scroll asks for nothing. */
const STEP = 50;
/** Rows held before and behind those on screen. */
const MARGIN = 40;
/** The most that the gateway gives. */
export const MOST = 200;
/** Rows drawn beyond each edge of the screen: a fast wheel turn shows no gap. */
const OVERSCAN = 8;

export interface Span {
	readonly first: number;
	/** Not included. */
	readonly end: number;
}

/** The rows to draw. */
export function spanAt(scrollTop: number, height: number, rowHeight: number, total: number): Span {
	const first = Math.max(0, Math.floor(scrollTop / rowHeight) - OVERSCAN);
	const end = Math.min(total, Math.ceil((scrollTop + height) / rowHeight) + OVERSCAN);
	return { first: Math.min(first, end), end };
}

/** The window of the server's list that covers the span with a margin. */
export function windowFor(span: Span): { offset: number; limit: number } {
	const offset = Math.max(0, Math.floor((span.first - MARGIN) / STEP) * STEP);
	const wanted = Math.ceil((span.end + MARGIN - offset) / STEP) * STEP;
	return { offset, limit: Math.min(MOST, Math.max(2 * STEP, wanted)) };
}

/**
 * The order while somebody points at the list: nothing they may click moves. Who left keeps the place until the pointer rests;
 * who came stands at the end.
 */
export function heldOrder(held: readonly string[], current: readonly string[]): string[] {
	const there = new Set(held);
	return [...held, ...current.filter((id) => !there.has(id))];
}
