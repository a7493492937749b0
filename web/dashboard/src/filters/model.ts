/** What a list is narrowed to: fields of text, empty where nothing is wanted. Pure. */
export type Filters<Field extends string> = Readonly<Record<Field, string>>;

/** What was kept, as far as it is known here: another version may have written it. */
export function restoreFilters<Field extends string>(kept: unknown, nothing: Filters<Field>): Filters<Field> {
	if (typeof kept !== "object" || kept === null) return nothing;
	const known = Object.entries(kept).filter(([name, value]) => name in nothing && typeof value === "string");
	return { ...nothing, ...Object.fromEntries(known) };
}

/** How many of these fields narrow the list. */
export function countActive<Field extends string>(wanted: Filters<Field>, fields: readonly Field[]): number {
	return fields.filter((field) => wanted[field].trim()).length;
}
