/** Rows to render and rows to request, computed from the scroll position. Pure. */

/** Rows by which the window moves, so that a small scroll sends no request. */
const STEP = 50;
/** Rows loaded above and below the visible ones. */
const MARGIN = 40;
/** The gateway's limit of rows in a window. */
export const MAX_ROWS = 200;
/** Rows rendered above and below the visible ones, so that fast scrolling shows no gap. */
const OVERSCAN = 8;

interface Span {
	readonly first: number;
	/** Exclusive. */
	readonly end: number;
}

/** The rows to render. */
export function visibleSpan(scrollTop: number, height: number, rowHeight: number, total: number): Span {
	const first = Math.max(0, Math.floor(scrollTop / rowHeight) - OVERSCAN);
	const end = Math.min(total, Math.ceil((scrollTop + height) / rowHeight) + OVERSCAN);
	return { first: Math.min(first, end), end };
}

/** The window of the server's list that covers the span and a margin. */
export function windowFor(span: Span): { offset: number; limit: number } {
	const offset = Math.max(0, Math.floor((span.first - MARGIN) / STEP) * STEP);
	const wanted = Math.ceil((span.end + MARGIN - offset) / STEP) * STEP;
	return { offset, limit: Math.min(MAX_ROWS, Math.max(2 * STEP, wanted)) };
}

/** The window to request before the list is measured: that of a screen at the beginning of the list. */
export const FIRST_WINDOW = windowFor({ first: 0, end: 0 });

/** Order while the list is frozen: known rows keep their position, also after they left; new rows go to the end. */
export function frozenOrder(frozen: readonly string[], current: readonly string[]): string[] {
	const there = new Set(frozen);
	return [...frozen, ...current.filter((id) => !there.has(id))];
}
