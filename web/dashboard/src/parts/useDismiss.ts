/** Closes pop-ups: Escape inside, and a press outside. */
import { isComposing } from "@palique/ui/composition";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect } from "preact/hooks";

/** Calls `act` on Escape inside the element, and stops the event. The Escape of a composition only cancels the composition. */
export function useEscape(root: RefObject<HTMLElement | null>, act: (() => void) | null): void {
	// Keys may come before the first frame is drawn, so the listener must not wait for it. The same in all listeners of keys.
	useLayoutEffect(() => {
		const element = root.current;
		if (!element || !act) return;
		const listen = (event: KeyboardEvent) => {
			if (event.key !== "Escape") return;
			event.stopPropagation();
			// Without this, Escape also asks a modal dialog to close.
			if (isComposing(event)) event.preventDefault();
			else act();
		};
		element.addEventListener("keydown", listen);
		return () => element.removeEventListener("keydown", listen);
	}, [root, act]);
}

/** Calls `act` on a press outside the element. */
export function useAway(root: RefObject<HTMLElement | null>, act: (() => void) | null): void {
	useEffect(() => {
		if (!act) return;
		const listen = (event: Event) => {
			if (!root.current?.contains(event.target as Node)) act();
		};
		document.addEventListener("pointerdown", listen);
		return () => document.removeEventListener("pointerdown", listen);
	}, [root, act]);
}
