/** Scroll position of a list in whole rows, so that smaller moves render nothing. */
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import { useStores } from "../../StoresContext";
import { usePageNarrow } from "../../windows/usePageNarrow";

// In the unit of `ScreenSize`. The style sheet uses the same heights.
const ROW = 56;
const ROW_NARROW = 116;
const ROW_TINY = 212;
/** On a narrower page a visitor is a card instead of a row. */
export const CARDS_BELOW = 900;
/** On a page of this width, as on a phone with large text, a card has more lines. */
const TINY_BELOW = 320;
// Pixels. Height of a tall screen, used until the element is measured.
const UNMEASURED = 900;

interface Scrolled {
	/** Pixels, a multiple of the row height. */
	top: number;
	/** Pixels of the visible part. */
	height: number;
	rowHeight: number;
}

export function useScrollPosition(view: RefObject<HTMLElement | null>): Scrolled {
	const { scale } = useStores().windows.screen.value;
	const narrow = usePageNarrow(CARDS_BELOW);
	const tiny = usePageNarrow(TINY_BELOW);
	const rowHeight = (tiny ? ROW_TINY : narrow ? ROW_NARROW : ROW) * scale;
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
