import "./Pane.css";
import type { ComponentChildren } from "preact";

interface Props {
	title: string;
	/** Shown beside the title. */
	count?: number;
	open?: boolean;
	/** Level of the heading: 2 directly below a page's title. */
	level?: 2 | 3;
	children: ComponentChildren;
}

/** Collapsible pane. */
export function Pane({ title, count, open = true, level = 3, children }: Props) {
	const Heading = `h${level}` as const;
	return (
		<details class="pane" open={open}>
			<summary>
				<Heading class="pane-title">{title}</Heading>
				{count ? <span class="badge">{count}</span> : null}
			</summary>
			<div class="pane-body">{children}</div>
		</details>
	);
}
