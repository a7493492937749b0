/** The filters of a page, kept in this tab: whoever opens a row and comes back finds their list again. */
import { useState } from "preact/hooks";
import { useStores } from "../stores";
import { recalled, type Wanted } from "./wanted";

export function useWanted<Field extends string>(
	name: string,
	nothing: Wanted<Field>,
): [Wanted<Field>, (part: Partial<Wanted<Field>>) => void] {
	const { tab } = useStores();
	const [wanted, setWanted] = useState(() => recalled(tab.read(name), nothing));
	const change = (part: Partial<Wanted<Field>>) => {
		const next = { ...wanted, ...part };
		tab.write(name, next);
		setWanted(next);
	};
	return [wanted, change];
}
