/** Compares the draft of a form with the site. Pure. */
import type { Site, SiteChanges } from "../api/shapes";

type Field = keyof SiteChanges;

/** Fields that saving changes. */
export function dirtyFields(site: Site, draft: SiteChanges): Field[] {
	return fieldsOf(draft).filter((field) => !same(site[field], draft[field]));
}

/** Fields that another person changed to another value since the draft began. Saving must not overwrite them. */
export function overwrittenFields(base: Site, site: Site, draft: SiteChanges): Field[] {
	return fieldsOf(draft).filter(
		(field) => !same(base[field], site[field]) && !same(site[field], draft[field]),
	);
}

export function withoutFields(draft: SiteChanges, fields: readonly Field[]): SiteChanges {
	return Object.fromEntries(Object.entries(draft).filter(([field]) => !fields.includes(field as Field)));
}

function fieldsOf(draft: SiteChanges): Field[] {
	return Object.keys(draft) as Field[];
}

function same(one: unknown, other: unknown): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}
