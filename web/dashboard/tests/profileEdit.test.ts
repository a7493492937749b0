import { describe, expect, it } from "vitest";
import type { Profile } from "../src/api/shapes";
import {
	changesOf,
	conflictsOf,
	fieldValue,
	isGood,
	keepMine,
	NO_EDIT,
	withoutField,
	withText,
} from "../src/visitors/profile/profileEdit";

const stored = {
	visitor: "v",
	version: 3,
	name: "Ana",
	email: null,
	phone: "1",
	bio: "",
} as unknown as Profile;

describe("editing a profile (S-24, S-25, S-26, S-59)", () => {
	it("sends only what was changed", () => {
		const edit = withText(withText(NO_EDIT, stored, "name", "Ana Ruiz "), stored, "phone", "");
		expect(changesOf(edit, stored)).toEqual({ name: "Ana Ruiz", phone: null });
	});

	it("has nothing to save once the old value is back", () => {
		const edit = withText(withText(NO_EDIT, stored, "name", "X"), stored, "name", "Ana");
		expect(edit).toEqual({});
		expect(changesOf(edit, stored)).toBeNull();
	});

	it("conflicts only in fields that both changed", () => {
		const edit = withText(withText(NO_EDIT, stored, "name", "Ana R"), stored, "email", "a@b.example");
		const theirs = { ...stored, version: 4, name: "Anna", phone: "2" };
		expect(conflictsOf(edit, theirs)).toEqual([{ field: "name", mine: "Ana R", theirs: "Anna" }]);
		expect(conflictsOf(keepMine(edit, theirs, "name"), theirs)).toEqual([]);
		expect(fieldValue(withoutField(edit, "name"), theirs, "name")).toBe("Anna");
	});

	it("does not conflict when both values are equal", () => {
		const edit = withText(NO_EDIT, stored, "name", "Anna");
		expect(conflictsOf(edit, { ...stored, name: "Anna" })).toEqual([]);
	});

	it("does not offer a generated name for editing", () => {
		expect(fieldValue(NO_EDIT, { ...stored, named: false, name: "Visitor 4F2A" }, "name")).toBe("");
	});
});

describe("the early check of a profile's fields", () => {
	it.each([
		["name", "\u3164\ufe0f", false],
		["email", "", true],
		["email", "a@b.example", true],
		["email", "Ana.López@münchen.example", true],
		["email", "ana@例え。テスト", true],
		["email", "a@b", false],
		["email", "a b@c.d", false],
		["phone", "+34 600 000 000", true],
		["phone", "()", false],
		["phone", "call me", false],
		["name", "   ", true],
		["name", "\u200b\u2060", false],
	] as const)("judges the %s %j", (field, text, good) => {
		expect(isGood(field, text)).toBe(good);
	});
});
