import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Props {
	title: string;
	lead?: string;
	/** Right of the title. */
	tools?: ComponentChildren;
	children: ComponentChildren;
}

/** Section of the settings. */
export function Card({ title, lead, tools, children }: Props) {
	const id = useId();
	return (
		<section class="card" aria-labelledby={id}>
			<header class="card-head">
				<div>
					<h2 id={id}>{title}</h2>
					{lead ? <p class="muted small">{lead}</p> : null}
				</div>
				{tools}
			</header>
			{children}
		</section>
	);
}
