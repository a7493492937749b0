import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useRovingFocus } from "./useRovingFocus";

interface Props {
	class: string;
	label: string;
	children: ComponentChildren;
}

/** Table that is one tab stop; the arrow keys move in it. */
export function Grid({ class: name, label, children }: Props) {
	const root = useRef<HTMLTableElement>(null);
	useRovingFocus(root, "tr");
	return (
		// biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid is a table in which the arrow keys move.
		<table class={name} role="grid" aria-label={label} ref={root}>
			{children}
		</table>
	);
}
