/** Arrow keys move the focus between rows; the focused row keeps the focus when rows move. */
import { isComposing } from "@palique/ui/composition";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

export function useRowKeyboard(view: RefObject<HTMLElement | null>): void {
	useEffect(() => {
		const element = view.current;
		if (!element) return;
		const listen = (event: KeyboardEvent) => moveFocus(element, event);
		element.addEventListener("keydown", listen);
		return () => element.removeEventListener("keydown", listen);
	}, [view]);
	useKeptFocus(view);
}

/** A row that moves or renders again loses the focus; restores it unless the agent moved it elsewhere. */
function useKeptFocus(view: RefObject<HTMLElement | null>): void {
	const visitor = useRef<string | null>(null);
	useEffect(() => {
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

function moveFocus(view: HTMLElement, event: KeyboardEvent): void {
	const step = STEPS[event.key];
	const line = (event.target as HTMLElement).closest("tr");
	if (!step || !line || isComposing(event)) return;
	const links = [...view.querySelectorAll<HTMLElement>(".vname")];
	const here = links.findIndex((link) => line.contains(link));
	const next = here < 0 && step > 0 ? links[0] : links[here + step];
	if (!next) return;
	event.preventDefault();
	next.focus();
}
