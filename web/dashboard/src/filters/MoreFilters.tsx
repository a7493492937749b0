import "./Filters.css";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../parts/Button";
import { useText } from "../texts/useText";

interface Props {
	/** Number of active filters. If not 0, the filters are open at first. */
	count: number;
	/** Rendered when the filters are open. */
	children: () => ComponentChildren;
}

/** Less common filters behind a button that counts the active ones. */
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
