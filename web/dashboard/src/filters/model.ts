/** Filters of a list: one text per field, empty for "any". Pure. */

import { hasVisibleText } from "@palique/ui/visible";
export type Filters<Field extends string> = Readonly<Record<Field, string>>;

/** Restores stored filters; ignores fields that this version does not know. */
export function restoreFilters<Field extends string>(stored: unknown, empty: Filters<Field>): Filters<Field> {
	if (typeof stored !== "object" || stored === null) return empty;
	const known = Object.entries(stored).filter(([name, value]) => name in empty && typeof value === "string");
	return { ...empty, ...Object.fromEntries(known) };
}

/** Counts the active filters among `fields`. */
export function countActive<Field extends string>(filters: Filters<Field>, fields: readonly Field[]): number {
	return fields.filter((field) => hasVisibleText(filters[field])).length;
}

export function isFiltered<Field extends string>(filters: Filters<Field>): boolean {
	return Object.values<string>(filters).some((value) => hasVisibleText(value));
}
