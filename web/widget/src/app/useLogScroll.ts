import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Pixels: about one line. Closer to the end than this counts as at the end. */
const NEAR = 40;
/** Pixels. Closer to the top than this, earlier entries are rendered. */
const NEAR_TOP = 400;
/** Entries rendered at the end, and more at each step back. */
const PART = 150;

/** Scrolling of a log that is rendered in part: at the end it follows new messages; elsewhere it keeps its position. */
export function useLogScroll(box: RefObject<HTMLDivElement | null>, entries: number) {
	const [atEnd, setAtEnd] = useState(true);
	const [most, setMost] = useState(PART);
	// Distance from the end before earlier entries are rendered, which keeps the scroll position.
	const fromEnd = useRef<number | null>(null);
	const isPart = entries > most;

	function toEnd(): void {
		const element = box.current;
		if (element) element.scrollTop = element.scrollHeight;
		setAtEnd(true);
		setMost(PART);
	}

	function scrolled(): void {
		const element = box.current;
		if (!element) return;
		const end = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
		setAtEnd(end);
		if (end) setMost(PART);
		else if (element.scrollTop < NEAR_TOP && isPart) showEarlier();
	}

	function showEarlier(): void {
		const element = box.current;
		fromEnd.current = element && element.scrollHeight - element.scrollTop;
		setAtEnd(false);
		setMost(most + PART);
	}

	useLayoutEffect(() => {
		const element = box.current;
		if (element && fromEnd.current !== null) element.scrollTop = element.scrollHeight - fromEnd.current;
		fromEnd.current = null;
		if (atEnd) toEnd();
	});
	return { atEnd, most, isPart, toEnd, scrolled, showEarlier };
}
