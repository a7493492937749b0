/** Keys of the visitor list: arrow keys move the focus, which stays on its row when rows move. */
import type { RefObject } from "preact";
import { useCallback, useLayoutEffect, useRef } from "preact/hooks";
import { useRovingFocus } from "../../parts/useRovingFocus";

/** `total`: rows of the whole list, of which only some are rendered. */
export function useRowKeyboard(view: RefObject<HTMLElement | null>, total: number): void {
	const toEnd = useEndFocus(view, total);
	useRovingFocus(view, "tr", toEnd);
	useKeptFocus(view);
}

/** Scrolls to the first or last row and focuses it when it is rendered. */
function useEndFocus(view: RefObject<HTMLElement | null>, total: number): (end: -1 | 1) => boolean {
	const wanted = useRef<"first" | "last" | null>(null);
	const count = useRef(total);
	count.current = total;
	const focusWanted = useCallback(() => {
		if (wanted.current === null) return;
		// The first row of the table has the heads.
		const index = wanted.current === "first" ? 2 : count.current + 1;
		const link = view.current?.querySelector<HTMLElement>(`tr[aria-rowindex="${index}"] .vname`);
		if (!link) return;
		wanted.current = null;
		link.focus();
	}, [view]);
	useLayoutEffect(focusWanted);
	useLayoutEffect(() => {
		const cancel = () => {
			wanted.current = null;
		};
		const events = ["keydown", "pointerdown"] as const;
		for (const event of events) document.addEventListener(event, cancel, true);
		return () => {
			for (const event of events) document.removeEventListener(event, cancel, true);
		};
	}, []);
	return useCallback(
		(end) => {
			const element = view.current;
			if (!element) return false;
			wanted.current = end < 0 ? "first" : "last";
			element.scrollTop = end < 0 ? 0 : element.scrollHeight;
			focusWanted();
			return true;
		},
		[view, focusWanted],
	);
}

/** A row that moves or renders again loses the focus; restores it unless the agent moved it elsewhere. */
function useKeptFocus(view: RefObject<HTMLElement | null>): void {
	const visitor = useRef<string | null>(null);
	useLayoutEffect(() => {
		const note = (event: Event) => {
			const row = (event.target as Element).closest?.("tr");
			const ours = row && view.current?.contains(row);
			visitor.current = ours ? (row.dataset.visitor ?? null) : null;
		};
		const events = ["focusin", "pointerdown"] as const;
		for (const event of events) document.addEventListener(event, note);
		return () => {
			for (const event of events) document.removeEventListener(event, note);
		};
	}, [view]);
	useLayoutEffect(() => {
		if (visitor.current === null || document.activeElement !== document.body) return;
		const row = view.current?.querySelector(`tr[data-visitor="${CSS.escape(visitor.current)}"]`);
		row?.querySelector<HTMLElement>(".vname")?.focus({ preventScroll: true });
	});
}
