import "./Filters.css";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../parts/Button";
import { useText } from "../texts/useText";

interface Props {
	/** How many of them narrow the list; more than none, and they are in sight from the start. */
	count: number;
	/** Made when they come into sight. */
	children: () => ComponentChildren;
}

/** Filters that are seldom used, behind one button that counts them. */
export function MoreFilters({ count, children }: Props) {
	const t = useText();
	const [open, setOpen] = useState(count > 0);
	return (
		<>
			<Button icon="filter" expanded={open} onClick={() => setOpen(!open)}>
				{t("more_filters")}
				{count > 0 ? <span class="badge">{count}</span> : null}
			</Button>
			{open ? <div class="filters">{children()}</div> : null}
		</>
	);
}
