import "./Table.css";
import type { ComponentChildren } from "preact";

interface Props {
	/** What is beside the children. */
	side: ComponentChildren;
	/** Accessible name of the side. */
	label: string;
	children: ComponentChildren;
}

/** A log with its facts beside it. */
export function Split({ side, label, children }: Props) {
	return (
		<div class="split">
			<div class="split-main">{children}</div>
			<aside class="split-side" aria-label={label}>
				{side}
			</aside>
		</div>
	);
}
