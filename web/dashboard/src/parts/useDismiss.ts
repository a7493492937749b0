/** How small windows go away: Escape inside them, and a press outside where they only float. */
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/** Calls `act` for Escape pressed inside the element; the window around it hears nothing of it. */
export function useEscape(root: RefObject<HTMLElement | null>, act: (() => void) | null): void {
	useEffect(() => {
		const element = root.current;
		if (!element || !act) return;
		const listen = (event: KeyboardEvent) => {
			if (event.key !== "Escape") return;
			event.stopPropagation();
			act();
		};
		element.addEventListener("keydown", listen);
		return () => element.removeEventListener("keydown", listen);
	}, [root, act]);
}

/** Calls `act` for a press outside the element. */
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
