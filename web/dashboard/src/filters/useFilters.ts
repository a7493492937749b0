/** Filters of a page, stored in this tab so that they survive navigation. */
import { useState } from "preact/hooks";
import { useStores } from "../StoresContext";
import { type Filters, restoreFilters } from "./model";

export function useFilters<Field extends string>(
	name: string,
	nothing: Filters<Field>,
): [Filters<Field>, (part: Partial<Filters<Field>>) => void] {
	const { tab } = useStores();
	const [wanted, setWanted] = useState(() => restoreFilters(tab.read(name), nothing));
	const change = (part: Partial<Filters<Field>>) => {
		const next = { ...wanted, ...part };
		tab.write(name, next);
		setWanted(next);
	};
	return [wanted, change];
}
