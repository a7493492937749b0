/** Up and down go from visitor to visitor in the list; Enter is the link's own. */
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

export function useWalk(view: RefObject<HTMLElement | null>): void {
	useEffect(() => {
		const element = view.current;
		if (!element) return;
		const listen = (event: KeyboardEvent) => walk(element, event);
		element.addEventListener("keydown", listen);
		return () => element.removeEventListener("keydown", listen);
	}, [view]);
}

function walk(view: HTMLElement, event: KeyboardEvent): void {
	const step = STEPS[event.key];
	const line = (event.target as HTMLElement).closest("tr");
	if (!step || !line) return;
	const links = [...view.querySelectorAll<HTMLElement>(".vname")];
	const here = links.findIndex((link) => line.contains(link));
	const next = here < 0 && step > 0 ? links[0] : links[here + step];
	if (!next) return;
	event.preventDefault();
	next.focus();
}
