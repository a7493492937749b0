/** Scroll position of a list in whole rows, so that smaller moves render nothing. */
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import { usePageNarrow } from "../../windows/usePageNarrow";

// Pixels. The style sheet uses the same heights.
const ROW = 56;
const ROW_NARROW = 116;
/** Pixels. On a narrower page a visitor is a card instead of a row. */
export const CARDS_BELOW = 900;
// Pixels. Height of a tall screen, used until the element is measured.
const UNMEASURED = 900;

export interface Scrolled {
	/** Pixels, a multiple of the row height. */
	top: number;
	/** Pixels of the visible part. */
	height: number;
	rowHeight: number;
}

export function useScrollPosition(view: RefObject<HTMLElement | null>): Scrolled {
	const rowHeight = usePageNarrow(CARDS_BELOW) ? ROW_NARROW : ROW;
	const [top, setTop] = useState(0);
	const [height, setHeight] = useState(UNMEASURED);
	useLayoutEffect(() => {
		const element = view.current;
		if (!element) return;
		const measure = () => {
			setTop(Math.floor(element.scrollTop / rowHeight) * rowHeight);
			setHeight(element.clientHeight);
		};
		const observer = new ResizeObserver(measure);
		observer.observe(element);
		element.addEventListener("scroll", measure, { passive: true });
		return () => {
			observer.disconnect();
			element.removeEventListener("scroll", measure);
		};
	}, [view, rowHeight]);
	return { top, height, rowHeight };
}
