/** Reads and sets the scroll position of a rendered log by its entries. */
import type { ScrollPosition } from "../windows/ChatWindowsStore";

// Pixels. Closer to the end than this, the log follows new messages.
const NEAR = 48;

export function distanceToEnd(element: HTMLElement): number {
	return element.scrollHeight - element.scrollTop - element.clientHeight;
}

export function isAtEnd(element: HTMLElement): boolean {
	return distanceToEnd(element) < NEAR;
}

/** False when the entry is not rendered. */
export function scrollTo(
	element: HTMLElement,
	{ seq, offset }: Extract<ScrollPosition, { at: "entry" }>,
): boolean {
	const target = element.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
	if (target) element.scrollTop = target.offsetTop + offset;
	return target !== null;
}

/** Screen readers read the found message, unless the reader is already at a control of the page. */
export function focusHit(element: HTMLElement, seq: number): void {
	const active = document.activeElement;
	const untouched = active === null || active.matches("body, h1");
	if (untouched) element.querySelector<HTMLElement>(`[data-seq="${seq}"]`)?.focus({ preventScroll: true });
}

/**
 * The position as the entry at the top edge of the view, or at a part of its height. In its middle an entry keeps its look when
 * others are added above the first one.
 */
export function positionOf(element: HTMLElement, part = 0): ScrollPosition {
	const edge = element.scrollTop + part * element.clientHeight;
	const marked = [...element.querySelectorAll<HTMLElement>("[data-seq]")];
	const found = marked.find((one) => one.offsetTop + one.offsetHeight > edge);
	if (!found) return { at: "end" };
	return { at: "entry", seq: Number(found.dataset.seq), offset: element.scrollTop - found.offsetTop };
}
