/** Filters of a page, stored in this tab so that they survive navigation. */
import { useState } from "preact/hooks";
import { useStores } from "../StoresContext";
import { type Filters, restoreFilters } from "./model";

export function useFilters<Field extends string>(
	name: string,
	empty: Filters<Field>,
): [Filters<Field>, (part: Partial<Filters<Field>>) => void] {
	const { tab } = useStores();
	const [filters, setFilters] = useState(() => restoreFilters(tab.read(name), empty));
	const change = (part: Partial<Filters<Field>>) => {
		const next = { ...filters, ...part };
		tab.write(name, next);
		setFilters(next);
	};
	return [filters, change];
}
