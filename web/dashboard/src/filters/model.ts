/** Filters of a list: one text per field, empty for "any". Pure. */
export type Filters<Field extends string> = Readonly<Record<Field, string>>;

/** Restores stored filters; ignores fields that this version does not know. */
export function restoreFilters<Field extends string>(kept: unknown, nothing: Filters<Field>): Filters<Field> {
	if (typeof kept !== "object" || kept === null) return nothing;
	const known = Object.entries(kept).filter(([name, value]) => name in nothing && typeof value === "string");
	return { ...nothing, ...Object.fromEntries(known) };
}

/** Counts the active filters among `fields`. */
export function countActive<Field extends string>(wanted: Filters<Field>, fields: readonly Field[]): number {
	return fields.filter((field) => wanted[field].trim()).length;
}
