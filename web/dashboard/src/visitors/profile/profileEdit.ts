/**
 * Edit of a profile that others may edit too (S-59). Pure.
 * An edit stores each field's value from when the agent began. Saved over a newer profile, only fields that both sides changed
 * conflict, and the agent decides each.
 */
import { hasVisibleText } from "@palique/ui/visible";
import type { Profile, ProfileChanges } from "../../api/shapes";

export const FIELDS = ["name", "email", "phone", "bio"] as const;
export type Field = (typeof FIELDS)[number];

interface ChangedField {
	readonly from: string;
	readonly to: string;
}

/** Fields that the agent changed. */
export type Edit = Readonly<Partial<Record<Field, ChangedField>>>;

export interface Conflict {
	readonly field: Field;
	readonly mine: string;
	readonly theirs: string;
}

export const NO_EDIT: Edit = {};

function storedIn(profile: Profile, field: Field): string {
	if (field === "name" && profile.named === false) return "";
	return profile[field] ?? "";
}

export function fieldValue(edit: Edit, profile: Profile, field: Field): string {
	return edit[field]?.to ?? storedIn(profile, field);
}

export function withText(edit: Edit, profile: Profile, field: Field, to: string): Edit {
	const from = edit[field]?.from ?? storedIn(profile, field);
	if (to !== from) return { ...edit, [field]: { from, to } };
	return withoutField(edit, field);
}

/** The changes to send, or `null` if nothing differs from the stored profile. */
export function changesOf(edit: Edit, profile: Profile): ProfileChanges | null {
	const changes: ProfileChanges = {};
	for (const field of FIELDS) {
		const to = edit[field]?.to.trim();
		if (to === undefined || to === storedIn(profile, field)) continue;
		if (field === "email" || field === "phone") changes[field] = to || null;
		else changes[field] = to;
	}
	return Object.keys(changes).length > 0 ? changes : null;
}

/** Conflicts: fields that another person changed since the agent began, to another value. */
export function conflictsOf(edit: Edit, current: Profile): Conflict[] {
	return FIELDS.flatMap((field) => {
		const touched = edit[field];
		const theirs = storedIn(current, field);
		if (!touched || theirs === touched.from || theirs === touched.to.trim()) return [];
		return [{ field, mine: touched.to, theirs }];
	});
}

/** Keeps the agent's value over the stored one, which they have seen. */
export function keepMine(edit: Edit, current: Profile, field: Field): Edit {
	const touched = edit[field];
	return touched ? { ...edit, [field]: { from: storedIn(current, field), to: touched.to } } : edit;
}

export function withoutField(edit: Edit, field: Field): Edit {
	const { [field]: _dropped, ...rest } = edit;
	return rest;
}

// Early check of what the server refuses. For an e-mail address it requires one @ and a dot; the server checks the rest.
const GOOD: Readonly<Record<Field, (text: string) => boolean>> = {
	name: hasVisibleText,
	email: (text) => /^[^\s@]+@[^\s@]+[.。．｡][^\s@]+$/.test(text),
	phone: (text) => /^[\d+()\-. ]*\d[\d+()\-. ]*$/.test(text),
	bio: hasVisibleText,
};

/** An empty field is valid: it deletes the value. */
export function isGood(field: Field, text: string): boolean {
	return text.trim() === "" || GOOD[field](text.trim());
}
